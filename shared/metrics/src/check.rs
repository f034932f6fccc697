//! What the scheduled check found: what must be seen also when no run happens.

use jiff::Timestamp;

use crate::line::Unit::{Count, Seconds};
use crate::{Line, Metrics};

impl Metrics {
    /// The line of a check: how old the oldest copy is, where there is one, and how many changes wait. Of the
    /// stage only, under the names that runs use: which stream it is, page and alerts say.
    pub fn of_check(&self, lag_seconds: Option<u64>, waiting: u64, now: Timestamp) -> Vec<Line> {
        let Some(stage) = self.stage.as_deref() else {
            return Vec::new();
        };
        let mut metrics = vec![("Waiting", Count, waiting)];
        metrics.extend(lag_seconds.map(|lag| ("LagSeconds", Seconds, lag)));
        vec![Line::new(now, (stage, None), None, &metrics)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::tests::{assert_taken, names, now};

    #[test]
    fn a_check_tells_of_the_stage_how_old_the_copy_is_and_what_waits() {
        let metrics = Metrics::new(Some("test".to_owned()));
        let lines = metrics.of_check(Some(90_000), 4, now());
        assert_eq!(lines.len(), 1);
        let line = assert_taken(&lines[0]);
        assert_eq!(names(&line), ["Waiting", "LagSeconds"]);
        assert_eq!(
            (&line["LagSeconds"], &line["Waiting"]),
            (&90_000.into(), &4.into())
        );
        let never_read = metrics.of_check(None, 0, now());
        assert_eq!(names(&assert_taken(&never_read[0])), ["Waiting"]);
        assert!(Metrics::default().of_check(Some(1), 1, now()).is_empty());
    }
}
