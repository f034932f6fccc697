//! The page in English.

use crate::of;

use super::{
    Advice, Checks, Concerns, CountAdvice, Exports, GuardAdvice, Mapping, Notices, Overall, Page,
    Resolutions, Runs, Streams,
};

pub(super) const PAGE: Page = Page {
    language: "en",
    title: "Dynamics Sync",
    skip: "Skip to the content",
    read_at: |moment| format!("Read {moment}."),
    reload: "Read again",
    run_now: "Sync now",
    test_alert: "Send a test message",
    for_programs: "The same for programs (JSON)",
    settings: "These settings are wrong",
    store: "The answer from the tables",
    overall: OVERALL,
    concerns: CONCERNS,
    streams: STREAMS,
    resolutions: RESOLUTIONS,
    runs: RUNS,
    exports: EXPORTS,
    checks: CHECKS,
    mapping: MAPPING,
    notices: NOTICES,
};

const OVERALL: Overall = Overall {
    empty: "Nothing has been synced yet",
    good: "Everything is fine",
    attention: "It works, but something is waiting for you",
    broken: "The sync is not working as it should",
    not_set_up: "The sync is not set up correctly",
    unknown: "The sync cannot tell how it stands",
    fresh: |moment| format!("The app shows what Dynamics had {moment}, or newer."),
    not_loaded: "Some of it has not been read from Dynamics yet.",
    begin: "Press “Sync now”, or wait for tonight.",
    running: "A sync is running now.",
};

const CONCERNS: Concerns = Concerns {
    heading: "What needs doing",
    since: |moment| format!("Since {moment}."),
    run_not_done: Advice {
        what: "Last night’s sync did not finish.",
        act: "Press “Sync now”. If it happens again, tell the people who run this system.",
    },
    failing: CountAdvice {
        what: |times| match times {
            1 => "The last sync failed.".to_owned(),
            _ => format!("The last {times} syncs failed."),
        },
        act: "The reason is below. The app keeps showing what it had before.",
    },
    stale: Advice {
        what: "The app shows old data.",
        act: "Press “Sync now”. If it does not help, tell the people who run this system.",
    },
    still: CountAdvice {
        what: |days| {
            format!("Nothing has changed in Dynamics for {days} days, as far as we can see.")
        },
        act: "If that cannot be, ask those who look after Dynamics what our user there may read.",
    },
    unreadable: Advice {
        what: "What we noted about this one cannot be read.",
        act: "Tell the people who run this system.",
    },
    unreachable: Advice {
        what: "Dynamics does not let us in.",
        act: "See “Connections” for the reason. Ask those who look after Dynamics or the sign-in.",
    },
    not_checked: Advice {
        what: "The connections have not been checked for a while.",
        act: "The scheduled check is not running. Tell the people who run this system.",
    },
    credential_expiring: CountAdvice {
        what: |days| match days {
            0 => "Our password for Dynamics expires today.".to_owned(),
            _ => format!(
                "Our password for Dynamics expires in {}.",
                of(days, "day", "days")
            ),
        },
        act: "Make a new client secret or certificate in Entra and store it in place of the old one before then. The guide says how.",
    },
    credential_expired: Advice {
        what: "Our password for Dynamics has expired.",
        act: "Make a new client secret or certificate in Entra and store it in place of the old one. The guide says how.",
    },
    credential_end_unknown: Advice {
        what: "Nobody knows when our password for Dynamics expires.",
        act: "Store the day that Entra shows, as DYNAMICS_CLIENT_SECRET_EXPIRES_ON, and you will be warned in time.",
    },
    guard: GuardAdvice {
        what: |vanishing, of| {
            format!(
                "{vanishing} of {of} records would have disappeared from the app. We stopped that."
            )
        },
        act: "Look in Dynamics whether they really are gone. If they are, let them disappear.",
        released: "Approved: they disappear in the next sync.",
        release: |vanishing| format!("Let {} disappear", of(vanishing, "record", "records")),
    },
    expiry_guard: GuardAdvice {
        what: |vanishing, of| {
            format!(
                "{vanishing} of {of} records have expired at once. They are hidden in the app, but not yet written to Dynamics."
            )
        },
        act: "Look whether the dates are right. If they are, let it be written.",
        released: "Approved: they are written in the next sync.",
        release: |vanishing| format!("Write {} to Dynamics", of(vanishing, "record", "records")),
    },
    held: CountAdvice {
        what: |count| match count {
            1 => "1 change was made differently in the app and in Dynamics.".to_owned(),
            _ => format!("{count} changes were made differently in the app and in Dynamics."),
        },
        act: "Decide below which side is right.",
    },
    refused: CountAdvice {
        what: |count| {
            format!(
                "{} could not be written to Dynamics.",
                of(count, "change", "changes")
            )
        },
        act: "The reason is below. Correct it in Dynamics and try again, or drop the change.",
    },
    mismatches: CountAdvice {
        what: |count| {
            format!(
                "{} in Dynamics differ from what was written.",
                of(count, "record", "records")
            )
        },
        act: "Somebody, or a rule in Dynamics, changed them. Look at them in Dynamics.",
    },
    schema: CountAdvice {
        what: |count| match count {
            1 => "1 thing that it depends on was changed in Dynamics.".into(),
            _ => format!("{count} things that it depends on were changed in Dynamics."),
        },
        act: "What was changed is said below. Change it back in Dynamics, or fit the stream file to it. What does not stop the sync is taken as meant after 14 days.",
    },
    quarantined: CountAdvice {
        what: |count| format!("{} cannot be read.", of(count, "row", "rows")),
        act: "A value in Dynamics does not fit the setup. One of them is named below, with the reason. They are tried again every night.",
    },
    expiring: CountAdvice {
        what: |count| match count {
            1 => "1 record expires soon.".to_owned(),
            _ => format!("{count} records expire soon."),
        },
        act: "Renew those that are to stay visible.",
    },
    unsent: CountAdvice {
        what: |count| format!("{} could not be sent.", of(count, "message", "messages")),
        act: "They are tried again. If it lasts, tell the people who run this system.",
    },
    nobody: Advice {
        what: "Some of our messages have no recipient.",
        act: "See “Connections”. Add a recipient, and confirm the subscription from the message they get.",
    },
};

const STREAMS: Streams = Streams {
    heading: "What is synced",
    name: "Name",
    level: "Status",
    as_of: "The app shows",
    last_success: "Last good sync",
    waiting: "Waiting for the next sync",
    held: "Waiting for a decision",
    refused: "Refused",
    mismatches: "Different in Dynamics",
    schema: "Changed in the table",
    quarantined: "Unreadable",
    expiring: "Expiring soon",
    never: "nothing yet",
    only_writes: "only written to Dynamics",
    nothing_there: "nothing: Dynamics does not have the table",
    empty: "Not read yet",
    good: "Fine",
    attention: "Needs you",
    broken: "Not working",
    skipped: "Passed over",
    running: "Running now",
    reason: "Why the last sync did not complete it",
    soonest: |name| format!("Expiring soon: {name}"),
    more: |count| format!("and {count} more"),
    open: "Open in Dynamics",
};

const RESOLUTIONS: Resolutions = Resolutions {
    heading: "Changes waiting for a decision",
    lead: "These do not go to Dynamics until somebody decides.",
    held: "Changed on both sides",
    refused: "Refused",
    upsert: "Change or create",
    create: "Create",
    update: "Change",
    delete: "Delete",
    fields: "Fields",
    accepted: "Received",
    from: "From",
    app: |key| format!("the app ({key})"),
    expiry: "an expiry date that has passed",
    renewal: "an expiry date that was extended",
    assertion: "a field that the app decides",
    reason: "Why",
    id: "Number",
    retry: "Try again",
    drop: "Drop it",
    keep_app: "Use the app’s values",
    keep_dynamics: "Keep Dynamics’ values",
    about: |stream, id| format!("{stream}, change {id}"),
    more: "There are more than these. They show up when these are done.",
};

const RUNS: Runs = Runs {
    heading: "Latest syncs",
    none: "There have been none yet.",
    chart: "The latest syncs",
    described: |all, complete, partial, failed| {
        format!(
            "{all} syncs, the newest to the right: {complete} complete, {partial} in part, {failed} failed. The table below says more."
        )
    },
    legend: "The higher a bar, the more records were changed in that sync.",
    began: "Began",
    status: "Result",
    took: "Took",
    pulled: "Read",
    stored: "Stored",
    deleted: "Removed",
    pushed: "Written to Dynamics",
    requests: "Requests",
    complete: "Complete",
    partial: "In part",
    failed: "Failed",
    underway: "Still running",
    held: "Waited for another sync",
    unknown: "Unknown",
    duration: |hours, minutes, seconds| match (hours, minutes) {
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min"),
    },
};

const EXPORTS: Exports = Exports {
    heading: "Download",
    lead: "Files that open in Excel.",
    from_dynamics: "As Dynamics has it now",
    from_copy: "As the app shows it",
    changes: "Changes that are not in Dynamics yet",
    latest: "Latest downloads",
    none: "There have been none yet.",
    began: "When",
    key: "By",
    stream: "What",
    source: "From",
    rows: "Rows",
    outcome: "Result",
    hash: "Fingerprint (SHA-256)",
    dynamics: "Dynamics",
    copy: "the copy",
    fallback: "the copy, because Dynamics did not answer",
    waiting: "open changes",
    underway: "Still running",
    complete: "Complete",
    incomplete: "Broken off",
};

const CHECKS: Checks = Checks {
    heading: "Connections",
    never: "Not checked yet.",
    looked: |moment| format!("Checked {moment}."),
    token: "Sign-in",
    dynamics: "Dynamics",
    works: "Works",
    answers: |milliseconds| format!("Answers in {milliseconds} ms"),
    not_asked: "Not asked, because signing in failed",
    fails: "Does not work",
    secret: "Client secret",
    certificate: "Certificate",
    credential: "Password for Dynamics",
    until: |day, days| match days {
        1 => format!("Good until {day}: 1 day left"),
        _ => format!("Good until {day}: {days} days left"),
    },
    ended: |day| format!("Expired {day}"),
    not_known: "Not known",
    budget: "Requests to Dynamics",
    share: |percent| format!("At most {percent} % of what Dynamics allows"),
    remaining: |requests| format!("{requests} left just now"),
    operations: "Messages to operations",
    coordinators: "Messages to coordinators",
    subscribers: |confirmed, pending| match (confirmed, pending) {
        (1, 0) => "1 recipient".to_owned(),
        (_, 0) => format!("{confirmed} recipients"),
        (1, _) => format!("1 recipient, {pending} not confirmed yet"),
        (_, _) => format!("{confirmed} recipients, {pending} not confirmed yet"),
    },
    to_the_log: "Only written to the log",
};

const MAPPING: Mapping = Mapping {
    heading: "Fields and columns",
    table: "Table",
    pull: "from Dynamics to the app",
    push: "from the app to Dynamics",
    both: "both ways",
    field: "In the app",
    column: "In Dynamics",
    remarks: "Remarks",
    key: "identifies the record",
    owned_by_dynamics: "only Dynamics changes it",
    owned_by_app: "the app decides",
    stamp: "time of the last write",
    date: "a day",
    lookup: |table| format!("refers to {table}"),
    choice: |labels| format!("one of: {labels}"),
};

const NOTICES: Notices = Notices {
    started: "The sync has been started. It shows up here when it is done.",
    underway: "A sync is running already. Nothing was started.",
    released: "Approved. It happens in the next sync.",
    tested: "A test message has been sent.",
    resolved: "Done. The change has been dealt with as you chose.",
    not_possible: "That is not possible any more: it has changed in the meantime. See how it stands now.",
    failed: "That could not be done just now. Try again in a little while.",
};
