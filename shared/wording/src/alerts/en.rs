//! Alerts in English.

use super::{Alert, Alerts, Ended, Frame};
use crate::of;

pub(super) const ALERTS: Alerts = Alerts {
    run_not_done: Alert {
        subject: |_| "Dynamics Sync: last night's sync was not done by 6:00".into(),
        happened: |_| "Last night's sync was not done by 6:00 this morning.".into(),
        means: |_| {
            "The app and the web site may show what is more than a day old, and people whose certification has expired may still be visible.".into()
        },
        act: |_| {
            "Open the status page and press “Sync now”. If it happens again, tell the people who run this system.".into()
        },
        sms: |_| {
            "Sync: Last night's sync was not done by 6:00. Open the status page and press \"Sync now\".".into()
        },
    },
    run_not_done_ended: Ended {
        subject: |_| "Dynamics Sync: the missing sync is done".into(),
        happened: |_| "The sync that was missing is done now.".into(),
        sms: |_| "Sync: The sync that was missing is done now.".into(),
    },
    stream_failing: Alert {
        subject: |f| format!("Dynamics Sync: {} cannot be synced", f.stream),
        happened: |f| match f.count {
            1 => format!("The last sync of {} failed.", f.stream),
            _ => format!("The last {} syncs of {} failed.", f.count, f.stream),
        },
        means: |_| {
            "The app keeps showing what it had before. Nothing is lost: the next sync goes on from there.".into()
        },
        act: |_| "The reason is on the status page. Mend it, then press “Sync now”.".into(),
        sms: |f| {
            format!(
                "Sync: {} cannot be synced. The reason is on the status page.",
                f.stream
            )
        },
    },
    stream_failing_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} is synced again", f.stream),
        happened: |f| format!("{} is synced again.", f.stream),
        sms: |f| format!("Sync: {} is synced again.", f.stream),
    },
    certification_sync_failed: Alert {
        subject: |f| format!("Dynamics Sync: {} not up to date in the app", f.stream),
        happened: |f| {
            format!(
                "What is registered under {} in Dynamics could not be synced with the app.",
                f.stream
            )
        },
        means: |_| {
            "What you change in Dynamics now is not shown in the app yet, and what is renewed in the app is not in Dynamics yet. Those whose last day has passed are hidden all the same. Nothing is lost.".into()
        },
        act: |_| {
            "The people who run this system have been told too. If something is urgent, look in both places, the app and Dynamics. You get a message when it works again.".into()
        },
        sms: |f| {
            format!(
                "Sync: {} is not up to date in the app. We will tell you when it works again.",
                f.stream
            )
        },
    },
    certification_sync_failed_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} is up to date again", f.stream),
        happened: |f| format!("{} is synced between Dynamics and the app again.", f.stream),
        sms: |f| format!("Sync: {} is up to date in the app again.", f.stream),
    },
    stream_stale: Alert {
        subject: |f| format!("Dynamics Sync: {} is old in the app", f.stream),
        happened: |f| {
            format!(
                "What the app shows of {} is more than a day old, and we do not know why.",
                f.stream
            )
        },
        means: |_| "What was changed in Dynamics since then is not shown.".into(),
        act: |_| {
            "Open the status page and press “Sync now”. If that does not help, tell the people who run this system.".into()
        },
        sms: |f| {
            format!(
                "Sync: What the app shows of {} is more than a day old. See the status page.",
                f.stream
            )
        },
    },
    stream_stale_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} is fresh again", f.stream),
        happened: |f| format!("What the app shows of {} is up to date again.", f.stream),
        sms: |f| {
            format!(
                "Sync: What the app shows of {} is up to date again.",
                f.stream
            )
        },
    },
    nothing_moves: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: nothing has changed for {}",
                of(f.count, "day", "days")
            )
        },
        happened: |f| {
            format!(
                "Syncs end well, but none of them has brought anything new for {}.",
                of(f.count, "day", "days")
            )
        },
        means: |_| {
            "Maybe nothing was changed in Dynamics. But it may also be that we are not shown what was changed.".into()
        },
        act: |_| {
            "Change something in Dynamics and look in the app the next day. If it does not arrive, ask those who look after Dynamics what our user there may read.".into()
        },
        sms: |f| {
            format!(
                "Sync: Nothing new has come from Dynamics for {}. Can that be?",
                of(f.count, "day", "days")
            )
        },
    },
    nothing_moves_ended: Ended {
        subject: |_| "Dynamics Sync: something has changed again".into(),
        happened: |_| "Something new has come from Dynamics again.".into(),
        sms: |_| "Sync: Something new has come from Dynamics again.".into(),
    },
    dynamics_unreachable: Alert {
        subject: |_| "Dynamics Sync: Dynamics does not let us in".into(),
        happened: |_| "Dynamics, or the sign-in for it, has not let us in for a while.".into(),
        means: |_| {
            "The next sync will fail if this goes on. The app keeps showing what it had before."
                .into()
        },
        act: |_| {
            "The reason is on the status page. Ask those who look after Dynamics or the sign-in."
                .into()
        },
        sms: |_| "Sync: Dynamics does not let us in. The reason is on the status page.".into(),
    },
    dynamics_unreachable_ended: Ended {
        subject: |_| "Dynamics Sync: Dynamics lets us in again".into(),
        happened: |_| "Dynamics lets us in again.".into(),
        sms: |_| "Sync: Dynamics lets us in again.".into(),
    },
    not_checked: Alert {
        subject: |_| "Dynamics Sync: the regular check is not running".into(),
        happened: |_| "The regular check of the sync has not run for a while.".into(),
        means: |_| {
            "Until it runs again nobody is told in time if a sync is missing, or if our password for Dynamics expires.".into()
        },
        act: |_| {
            "Look whether its schedule is on, and what the log of the function “health” says."
                .into()
        },
        sms: |_| "Sync: The regular check is not running, so nobody is warned in time.".into(),
    },
    not_checked_ended: Ended {
        subject: |_| "Dynamics Sync: the regular check is running again".into(),
        happened: |_| "The regular check of the sync is running again.".into(),
        sms: |_| "Sync: The regular check is running again.".into(),
    },
    credential_expiring: Alert {
        subject: |f| match f.count {
            0 => "Dynamics Sync: our password for Dynamics expires today".into(),
            _ => format!(
                "Dynamics Sync: our password for Dynamics expires in {}",
                of(f.count, "day", "days")
            ),
        },
        happened: |f| match f.count {
            0 => "Our password for Dynamics expires today.".into(),
            _ => format!(
                "Our password for Dynamics expires in {}.",
                of(f.count, "day", "days")
            ),
        },
        means: |_| "After that day nothing can be synced.".into(),
        act: |_| {
            "Make a new client secret or certificate for our app registration in Entra, and store it in place of the old one. The guide says how; nothing has to be stopped for it.".into()
        },
        sms: |f| match f.count {
            0 => "Sync: Our password for Dynamics expires today. Make a new one in Entra.".into(),
            _ => format!(
                "Sync: Our password for Dynamics expires in {}. Make a new one in Entra.",
                of(f.count, "day", "days")
            ),
        },
    },
    credential_expired: Alert {
        subject: |_| "Dynamics Sync: our password for Dynamics has expired".into(),
        happened: |_| "Our password for Dynamics has expired.".into(),
        means: |_| {
            "Nothing can be synced until there is a new one. The app keeps showing what it had before; those whose last day has passed are hidden all the same.".into()
        },
        act: |_| {
            "Make a new client secret or certificate for our app registration in Entra, and store it in place of the old one. The guide says how.".into()
        },
        sms: |_| {
            "Sync: Our password for Dynamics has expired, so nothing is synced. Make a new one in Entra.".into()
        },
    },
    credential_ended: Ended {
        subject: |_| "Dynamics Sync: our password for Dynamics is renewed".into(),
        happened: |_| {
            "There is a new password for Dynamics, and it lasts for more than 30 days.".into()
        },
        sms: |_| "Sync: Our password for Dynamics is renewed.".into(),
    },
    guard_tripped: Alert {
        subject: |f| format!("Dynamics Sync: {} was stopped", f.stream),
        happened: |f| {
            format!(
                "{} of {} records of {} would have disappeared from the app at once. We stopped that.",
                f.count, f.of, f.stream
            )
        },
        means: |_| {
            "They are still shown. Until somebody decides, nothing new is read for them.".into()
        },
        act: |_| {
            "Look in Dynamics whether they really are gone. If they are, allow on the status page that they disappear. If not, mend it in Dynamics; the next sync goes on by itself then.".into()
        },
        sms: |f| {
            format!(
                "Sync: Very much would have disappeared from {}. Decide on the status page.",
                f.stream
            )
        },
    },
    guard_tripped_ended: Ended {
        subject: |f| format!("Dynamics Sync: {} is not stopped any more", f.stream),
        happened: |f| {
            format!(
                "{} is not stopped any more: somebody has decided, or it was mended in Dynamics.",
                f.stream
            )
        },
        sms: |f| format!("Sync: {} is not stopped any more.", f.stream),
    },
    expiry_guard_tripped: Alert {
        subject: |f| format!("Dynamics Sync: much of {} expired at once", f.stream),
        happened: |f| {
            format!(
                "{} of {} records of {} have expired at once. They are hidden in the app, but not yet written to Dynamics.",
                f.count, f.of, f.stream
            )
        },
        means: |_| {
            "Maybe the dates are right. But if somebody has set them by mistake, this can still be undone in Dynamics.".into()
        },
        act: |_| {
            "Look in Dynamics whether the dates are right. If they are, allow on the status page that it is written. If not, mend the dates; they are shown again after the next sync.".into()
        },
        sms: |f| {
            format!(
                "Sync: Much of {} has expired at once. Decide on the status page.",
                f.stream
            )
        },
    },
    expiry_guard_tripped_ended: Ended {
        subject: |f| format!("Dynamics Sync: what expired of {} is settled", f.stream),
        happened: |f| {
            format!(
                "What expired of {} is not stopped any more: somebody has decided, or the dates were mended.",
                f.stream
            )
        },
        sms: |f| format!("Sync: What expired of {} is settled.", f.stream),
    },
    conflicts_held: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} of {} to decide",
                of(f.count, "change", "changes"),
                f.stream
            )
        },
        happened: |f| match f.count {
            1 => format!(
                "1 change of {} was made in the app and differently in Dynamics.",
                f.stream
            ),
            _ => format!(
                "{} changes of {} were made in the app and differently in Dynamics.",
                f.count, f.stream
            ),
        },
        means: |_| {
            "Nothing of it is written to Dynamics until somebody has decided which side is right."
                .into()
        },
        act: |_| "Decide on the status page.".into(),
        sms: |f| {
            format!(
                "Sync: Changes of {} are waiting for a decision on the status page.",
                f.stream
            )
        },
    },
    conflicts_held_ended: Ended {
        subject: |f| format!("Dynamics Sync: nothing of {} to decide any more", f.stream),
        happened: |f| {
            format!(
                "No change of {} is waiting for a decision any more.",
                f.stream
            )
        },
        sms: |f| {
            format!(
                "Sync: No change of {} is waiting for a decision any more.",
                f.stream
            )
        },
    },
    changes_refused: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} of {} refused",
                of(f.count, "change", "changes"),
                f.stream
            )
        },
        happened: |f| {
            format!(
                "{} of {} could not be written to Dynamics.",
                of(f.count, "change", "changes"),
                f.stream
            )
        },
        means: |_| "What was entered in the app is not in Dynamics.".into(),
        act: |_| {
            "The reasons are on the status page. Mend it in Dynamics and try again there, or drop the change.".into()
        },
        sms: |f| {
            format!(
                "Sync: Changes of {} were refused by Dynamics. See the status page.",
                f.stream
            )
        },
    },
    changes_refused_ended: Ended {
        subject: |f| format!("Dynamics Sync: nothing of {} refused any more", f.stream),
        happened: |f| format!("All refused changes of {} are settled.", f.stream),
        sms: |f| format!("Sync: All refused changes of {} are settled.", f.stream),
    },
    mismatches: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} of {} differ in Dynamics",
                of(f.count, "record", "records"),
                f.stream
            )
        },
        happened: |f| match f.count {
            1 => format!(
                "1 record of {} in Dynamics is not as it was written.",
                f.stream
            ),
            _ => format!(
                "{} records of {} in Dynamics are not as they were written.",
                f.count, f.stream
            ),
        },
        means: |_| {
            "Somebody, or a rule in Dynamics, has changed them. The app and Dynamics may say different things.".into()
        },
        act: |_| {
            "Look in Dynamics at what the app has written lately, and find out who or what changes it.".into()
        },
        sms: |f| {
            format!(
                "Sync: Records of {} in Dynamics differ from what was written. See the status page.",
                f.stream
            )
        },
    },
    mismatches_ended: Ended {
        subject: |f| format!("Dynamics Sync: no new differences in {}", f.stream),
        happened: |f| {
            format!(
                "The newest sync of {} found no new differences from what was written.",
                f.stream
            )
        },
        sms: |f| {
            format!(
                "Sync: The newest sync of {} found no new differences.",
                f.stream
            )
        },
    },
    schema_changed: Alert {
        subject: |f| format!("Dynamics Sync: the table of {} was changed", f.stream),
        happened: |f| match f.count {
            1 => format!(
                "1 thing that the sync of {} depends on was changed in Dynamics: a column, a choice or a setting of the table.",
                f.stream
            ),
            _ => format!(
                "{} things that the sync of {} depends on were changed in Dynamics: columns, choices or settings of the table.",
                f.count, f.stream
            ),
        },
        means: |_| {
            "Maybe nothing is wrong yet. But the sync may stop, the app may show something wrong, or what is entered in the app may be refused.".into()
        },
        act: |_| {
            "The status page says what was changed. Have it changed back in Dynamics, or fit the stream file to it. What does not stop the sync and is left alone for 14 days is taken as meant.".into()
        },
        sms: |f| {
            format!(
                "Sync: The table of {} was changed in Dynamics. The status page says how.",
                f.stream
            )
        },
    },
    schema_changed_ended: Ended {
        subject: |f| format!("Dynamics Sync: the table of {} is as expected", f.stream),
        happened: |f| {
            format!(
                "What was changed in the table of {} in Dynamics is settled: it was changed back, the stream file was fitted to it, or it has been taken as meant after 14 days.",
                f.stream
            )
        },
        sms: |f| {
            format!(
                "Sync: What was changed in the table of {} is settled.",
                f.stream
            )
        },
    },
    rows_unreadable: Alert {
        subject: |f| {
            format!(
                "Dynamics Sync: {} of {} unreadable",
                of(f.count, "row", "rows"),
                f.stream
            )
        },
        happened: |f| {
            format!(
                "{} of {} cannot be read from Dynamics.",
                of(f.count, "row", "rows"),
                f.stream
            )
        },
        means: |_| {
            "The app shows what it had of them before. Those that have a last valid day are hidden in the app until they can be read. Everything else is synced. They are tried again every night.".into()
        },
        act: |_| {
            "A value in Dynamics does not fit the setup. The status page names a row and says why: correct it in Dynamics, or change the stream file.".into()
        },
        sms: |f| {
            format!(
                "Sync: Rows of {} cannot be read from Dynamics. See the status page.",
                f.stream
            )
        },
    },
    rows_unreadable_ended: Ended {
        subject: |f| format!("Dynamics Sync: all of {} can be read", f.stream),
        happened: |f| format!("All rows of {} can be read again.", f.stream),
        sms: |f| format!("Sync: All rows of {} can be read again.", f.stream),
    },
    expiring: Alert {
        subject: |f| match f.count {
            1 => format!("Dynamics Sync: 1 record of {} expires soon", f.stream),
            _ => format!(
                "Dynamics Sync: {} records of {} expire soon",
                f.count, f.stream
            ),
        },
        happened: |f| match f.count {
            1 => format!("1 record of {} expires soon.", f.stream),
            _ => format!("{} records of {} expire soon.", f.count, f.stream),
        },
        means: |_| {
            "After its last day each of them disappears from the app and the web site by itself."
                .into()
        },
        act: |_| {
            "Renew those that are to stay visible. You need not do anything about the others."
                .into()
        },
        sms: |f| match f.count {
            1 => format!(
                "Sync: 1 record of {} expires soon. Renew it if it is to stay visible.",
                f.stream
            ),
            _ => format!(
                "Sync: {} records of {} expire soon. Renew those that are to stay visible.",
                f.count, f.stream
            ),
        },
    },
    test: Alert {
        subject: |_| "Dynamics Sync: test message".into(),
        happened: |_| {
            "This is a test. Somebody pressed “Send a test message” on the status page.".into()
        },
        means: |_| "Messages from the sync reach you.".into(),
        act: |_| "You need not do anything.".into(),
        sms: |_| "Sync: This is a test. Messages from the sync reach you.".into(),
    },
    frame: Frame {
        reminder: |subject| format!("Reminder: {subject}"),
        since: |moment| format!("We have told you before. It has been so since {moment}."),
        means: "What it means",
        act: "What to do",
        nothing_to_do: "You need not do anything.",
        listed: |day, place| format!("{day}: {place}"),
        more: |count| format!("and {count} more"),
        page: |address| format!("The status page: {address}"),
        from: "Sent by Dynamics Sync. Nobody reads answers to this message.",
    },
};
