"""Opens pages in a browser and fails with everything that is wrong with them.

Reads from standard input which browser and which pages. PAGE_SCREENSHOTS=FOLDER keeps pictures of them.
"""

import json
import os
import re
import sys

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NARROW, WIDE = 360, 1280
KIND = re.compile(r"/(?:[0-9a-f-]{36}|members|certifications)(?=/)")


def look(context, page, expected, wrong):
    """What holds for every page, however wide and in whatever colours."""
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(expected["url"])
    name = f"{expected['name']}-{context}"
    width = page.viewport_size["width"]
    needed = page.evaluate("document.scrollingElement.scrollWidth")
    if needed > width:
        wrong.append(f"{name}: {needed} wide, and {width} there are")
    if page.locator("html").get_attribute("lang") != expected["language"]:
        wrong.append(f"{name}: another language")
    if not page.locator("h1").inner_text().strip():
        wrong.append(f"{name}: the line on top says nothing")
    # Everything that is folded is looked at too.
    for summary in page.locator("summary").all():
        summary.click()
    needed = page.evaluate("document.scrollingElement.scrollWidth")
    if needed > width:
        wrong.append(f"{name}: unfolded {needed} wide, and {width} there are")
    for violation in Axe().run(page).response["violations"]:
        places = [node["html"][:120] for node in violation["nodes"][:3]]
        wrong.append(f"{name}: {violation['id']}: {violation['help']}: {places}")
    page.keyboard.press("Tab")
    seen = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    if seen == "none":
        wrong.append(f"{name}: nobody sees what has the focus")
    wrong.extend(f"{name}: the browser says: {text}" for text in said)
    folder = os.environ.get("PAGE_SCREENSHOTS")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def kind(action):
    return KIND.sub("", action).lstrip("/")


def press(page, expected, wrong):
    """Presses one button of each kind, without scripts, until there is none left that was not pressed."""
    pressed = set()
    while True:
        page.goto(expected["url"])
        forms = page.locator("form").all()
        new = [form for form in forms if kind(form.get_attribute("action")) not in pressed]
        if not new:
            break
        form = new[0]
        action = form.get_attribute("action")
        pressed.add(kind(action))
        form.locator("button").click()
        said = page.locator("[role=status]")
        if said.count() != 1 or not re.search(r"/\?done=(started|released|tested|resolved)$", page.url):
            wrong.append(f"{expected['name']}: {action} led to {page.url}")
    for button in set(expected["buttons"]) - pressed:
        wrong.append(f"{expected['name']}: there is no button for {button}")


def main():
    asked = json.load(sys.stdin)
    wrong = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium
        browser = chromium.launch(executable_path=asked["browser"], args=ARGUMENTS)
        for expected in asked["pages"]:
            # Colours do not depend on the width, so that two looks see both.
            for width, colours in [(NARROW, "light"), (WIDE, "dark")]:
                size = {"width": width, "height": 800}
                context = browser.new_context(viewport=size, color_scheme=colours)
                look(f"{width}-{colours}", context.new_page(), expected, wrong)
                context.close()
            context = browser.new_context(java_script_enabled=False)
            press(context.new_page(), expected, wrong)
            context.close()
        browser.close()
    print("\n".join(wrong) or f"{len(asked['pages'])} pages are good")
    sys.exit(bool(wrong))


main()
