//! A real terminal: a window of tmux that a shell runs in, typed into and read back. Its size is what a person's
//! would be; nothing else of this machine's own gets into it.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

use super::{Terminal, program, until};

const WHAT: &str = "the command line in a real terminal";
/// Higher than any answer, so that none scrolls away.
const LINES: &str = "400";
/// Before what is typed.
const PROMPT: &str = "prompt>";
/// What the shell says when a command has ended, before its exit code.
const ENDED: &str = "ended=";

/// A window; it is closed when this is dropped.
pub(crate) struct Screen {
    tmux: PathBuf,
    /// Where its server listens: it is of nobody else.
    socket: TempDir,
}

/// What a command left on the screen.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) code: i32,
    /// As the window shows it: what is wider stands in several lines.
    pub(crate) lines: Vec<String>,
    /// As it was written.
    pub(crate) written: Vec<String>,
    /// With the sequences that colour it.
    pub(crate) coloured: String,
}

impl Screen {
    /// A window of so many columns, in the folder and with the variables of `terminal`; `None` where there is no
    /// tmux.
    pub(crate) async fn open(terminal: &Terminal, columns: usize) -> Option<Self> {
        let screen = Self {
            tmux: program(&["tmux"], WHAT, "tmux")?,
            socket: tempfile::tempdir().unwrap(),
        };
        let (variables, binary) = terminal.surroundings();
        let folder = binary.parent().unwrap().display().to_string();
        let columns = columns.to_string();
        // What an interactive shell reads at its start.
        let profile = screen.socket.path().join("profile");
        std::fs::write(&profile, format!("PS1='{PROMPT} '\n")).unwrap();
        let mut command = screen.command();
        command
            .args(["-f", "/dev/null", "-u", "new-session", "-d"])
            .args(["-x", &columns, "-y", LINES, "/bin/sh"])
            .current_dir(terminal.folder.path())
            .envs(variables)
            .env("PATH", format!("{folder}:/usr/bin:/bin"))
            .env("ENV", profile);
        let opened = command.output().unwrap();
        assert!(opened.status.success(), "{opened:?}");
        screen.shows(PROMPT).await;
        Some(screen)
    }

    /// Types a command and Enter.
    pub(crate) fn types(&self, command: &str) {
        self.writes(&format!("{command}; echo {ENDED}$?"));
    }

    fn writes(&self, line: &str) {
        self.tell(&["send-keys", "-l", line]);
        self.tell(&["send-keys", "Enter"]);
    }

    /// Presses Ctrl-C in a command that the system ends then: a shell forgets what was to come after it, so that
    /// its exit code is asked for anew.
    pub(crate) async fn ends_by_ctrl_c(&self) -> Shown {
        self.presses("C-c");
        until("the shell asks again", async || {
            self.tell(&["capture-pane", "-p"]).matches(PROMPT).count() > 1
        })
        .await;
        self.writes(&format!("echo {ENDED}$?"));
        self.ends().await
    }

    /// Presses a key, such as C-c.
    pub(crate) fn presses(&self, key: &str) {
        self.tell(&["send-keys", key]);
    }

    /// Waits for a text to show.
    pub(crate) async fn shows(&self, text: &str) {
        until(&format!("`{text}` on the screen"), async || {
            self.tell(&["capture-pane", "-p"]).contains(text)
        })
        .await;
    }

    /// Waits for the command that was typed to end.
    pub(crate) async fn ends(&self) -> Shown {
        let mut code = None;
        until("the command ends", async || {
            let screen = self.tell(&["capture-pane", "-p"]);
            let mut lines = screen.lines();
            code = lines.find_map(|line| line.strip_prefix(ENDED)?.trim().parse().ok());
            code.is_some()
        })
        .await;
        Shown {
            code: code.unwrap(),
            lines: self.answer(&["capture-pane", "-p"]),
            written: self.answer(&["capture-pane", "-p", "-J"]),
            coloured: self.answer(&["capture-pane", "-p", "-e"]).join("\n"),
        }
    }

    /// Types a command, and waits for it to end.
    pub(crate) async fn runs(&self, command: &str) -> Shown {
        self.types(command);
        self.ends().await
    }

    /// What stands between the command and the word that it has ended.
    fn answer(&self, capture: &[&str]) -> Vec<String> {
        let screen = self.tell(capture);
        let lines = screen.lines().map(|line| line.trim_end().to_owned());
        lines
            .skip_while(|line| !line.starts_with(PROMPT))
            .skip(1)
            .take_while(|line| !line.starts_with(ENDED))
            .collect()
    }

    fn tell(&self, arguments: &[&str]) -> String {
        let output = self.command().args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.tmux);
        command
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("TERM", "xterm-256color")
            .arg("-S")
            .arg(self.socket.path().join("tmux"));
        command
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.command().arg("kill-server").output();
    }
}
