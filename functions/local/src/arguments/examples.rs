//! What the help shows below the options: what one types, and how it ends.
//!
//! Never in here: a line of a command longer than a narrow terminal is wide (60 columns), which would break it.

pub(super) const ALL: &str = "\
Examples:
  dynamics-sync demo                     see it at work
  dynamics-sync doctor                   what is missing?
  dynamics-sync sync
  dynamics-sync status
  dynamics-sync export members --output members.csv

The access to Dynamics comes from DYNAMICS_TENANT_ID, DYNAMICS_CLIENT_ID, DYNAMICS_CLIENT_SECRET and \
DYNAMICS_INSTANCE_URL (or DYNAMICS_SECRET_ID, a secret in AWS Secrets Manager). Variables may stand in the file \
.env of the working folder too; those of the terminal come first.

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the run ended, but not every stream is up to date; 130 ended with \
Ctrl-C.";

pub(super) const DEMO: &str = "\
Examples:
  dynamics-sync demo
  dynamics-sync demo --contacts 500 --certifications 100
  dynamics-sync demo --serve";

pub(super) const DOCTOR: &str = "\
Examples:
  dynamics-sync doctor --streams streams.toml
  dynamics-sync doctor --forbidden accounts
  dynamics-sync doctor --aws
  dynamics-sync doctor --json | jq .verdict

Exit codes: 0 everything is as it must be; 1 something must be mended; 2 wrong usage; 3 it works, but there are \
warnings.";

pub(super) const DISCOVER: &str = "\
Examples:
  dynamics-sync discover
  dynamics-sync discover contacts
  dynamics-sync discover contacts --toml > streams.toml";

pub(super) const SYNC: &str = "\
Examples:
  dynamics-sync sync
  dynamics-sync sync --dry-run
  dynamics-sync sync --stream members --mode full
  dynamics-sync sync --quiet --json > run.json

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 the run ended, but not every stream is up to date; 130 ended with \
Ctrl-C, the next sync goes on from there.";

pub(super) const EXPORT: &str = "\
Examples:
  dynamics-sync export members > members.csv
  dynamics-sync export members --output members.csv
  dynamics-sync export members --source copy
  dynamics-sync export members --fields email,phone";

pub(super) const STATUS: &str = "\
Examples:
  dynamics-sync status
  dynamics-sync status --aws
  dynamics-sync status --json | jq .runs";

pub(super) const CHANGES: &str = "\
Examples:
  dynamics-sync changes list --status held
  dynamics-sync changes show 0f0c3a1e
  dynamics-sync changes keep-app 0f0c3a1e
  dynamics-sync changes drop 0f0c3a1e --yes

Exit codes: 0 done; 1 there is no such change, or it stands so that this cannot be done to it; 2 wrong usage.";

pub(super) const CURSOR: &str = "\
Examples:
  dynamics-sync cursor show members
  dynamics-sync cursor release members
  dynamics-sync cursor reset members --yes";

pub(super) const KEYS: &str = "\
Examples:
  dynamics-sync keys new office --scope read
  dynamics-sync keys new app --scope changes --aws";

pub(super) const SERVE: &str = "\
Examples:
  dynamics-sync serve
  dynamics-sync serve --port 8080";

pub(super) const SIMULATE: &str = "\
Examples:
  dynamics-sync simulate
  dynamics-sync simulate --port 8181 > .env
  dynamics-sync simulate --contacts 500 --seed 7";

pub(super) const COMPLETIONS: &str = "\
Examples:
  source <(dynamics-sync completions bash)
  dynamics-sync completions zsh > ~/.zfunc/_dynamics-sync
  dynamics-sync completions fish | source";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::arguments::Arguments;

    /// The narrowest terminal that is reckoned with.
    const NARROW: usize = 60;

    #[test]
    fn every_command_has_examples_that_can_be_typed_and_fit_a_narrow_terminal() {
        let program = Arguments::command();
        for command in program.get_subcommands().chain([&program]) {
            let name = command.get_name();
            let help = command.get_after_help().map(ToString::to_string);
            let help = help.unwrap_or_default();
            let examples: Vec<&str> = help.lines().filter(|line| line.starts_with("  ")).collect();
            assert!(!examples.is_empty(), "`{name}` shows no example");
            for line in examples {
                assert!(line.chars().count() <= NARROW, "too long: {line}");
                let (_, typed) = line.split_once("dynamics-sync").unwrap();
                let typed = typed.split(['>', '|', ')']).next().unwrap_or_default();
                // What stands in a column of its own says what it is for.
                let typed = typed.split("   ").next().unwrap_or_default();
                let words = typed.split_whitespace();
                let words = ["dynamics-sync"].into_iter().chain(words);
                let parsed = Arguments::command().try_get_matches_from(words);
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            }
        }
    }
}
