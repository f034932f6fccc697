//! Which faults strike a request.

use super::{Effect, Fault, FaultReport, Match};
use crate::requests::Request;

/// All faults ordered so far.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    ordered: Vec<FaultReport>,
    /// Rises when the faults are cleared: a plan of before has nothing to give back.
    epoch: u64,
}

/// The faults that strike one request. The first that matches decides how the request as a whole
/// fares; faults of a page's content add up.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) whole: Option<Effect>,
    pub(crate) content: Vec<ContentFault>,
    epoch: u64,
}

/// A fault of a page's content; it counts only where it found something to strike.
#[derive(Debug)]
pub(crate) struct ContentFault {
    pub(crate) effect: Effect,
    pub(crate) struck: bool,
    index: usize,
}

impl Faults {
    pub(crate) fn inject(&mut self, fault: Fault) {
        self.ordered.push(FaultReport {
            fault,
            matched: 0,
            fired: 0,
        });
    }

    pub(crate) fn clear(&mut self) {
        self.ordered.clear();
        self.epoch = self.epoch.wrapping_add(1);
    }

    pub(crate) fn report(&self) -> Vec<FaultReport> {
        self.ordered.clone()
    }

    /// Decides about one request, and counts.
    pub(crate) fn plan(&mut self, request: &Request) -> Plan {
        let mut plan = Plan {
            epoch: self.epoch,
            ..Plan::default()
        };
        for (index, report) in self.ordered.iter_mut().enumerate() {
            if !report.fault.on.matches(request) {
                continue;
            }
            report.matched = report.matched.saturating_add(1);
            if report.matched <= report.fault.skip || report.fired >= report.fault.times {
                continue;
            }
            let effect = report.fault.effect.clone();
            if effect.is_of_content() {
                plan.content.push(ContentFault {
                    effect,
                    struck: false,
                    index,
                });
            } else if plan.whole.is_none() {
                plan.whole = Some(effect);
            } else {
                continue;
            }
            report.fired = report.fired.saturating_add(1);
        }
        plan
    }

    /// Takes back what was counted for faults that found nothing to strike.
    pub(crate) fn settle(&mut self, plan: &Plan) {
        if plan.epoch != self.epoch {
            return;
        }
        for fault in plan.content.iter().filter(|fault| !fault.struck) {
            if let Some(report) = self.ordered.get_mut(fault.index) {
                report.fired = report.fired.saturating_sub(1);
            }
        }
    }
}

impl Effect {
    fn is_of_content(&self) -> bool {
        matches!(
            self,
            Self::LinkTo { .. }
                | Self::RepeatNextLink
                | Self::ReplaceValue { .. }
                | Self::MissingValue { .. }
                | Self::RowTooLarge { .. }
                | Self::FailParts { .. }
        )
    }
}

impl Match {
    fn matches(&self, request: &Request) -> bool {
        self.class.is_none_or(|class| class == request.class)
            && self
                .method
                .as_ref()
                .is_none_or(|method| method.eq_ignore_ascii_case(&request.method))
            && (self.entity_set.is_none() || self.entity_set == request.entity_set)
            && self
                .contains
                .as_ref()
                .is_none_or(|part| request.target.contains(part.as_str()))
            && self
                .page_rows_above
                .is_none_or(|rows| request.page_rows.is_some_and(|asked| asked > rows))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requests::Class;

    fn read(entity_set: &str) -> Request {
        Request {
            class: Class::Read,
            method: "GET".to_owned(),
            target: format!("/api/data/v9.2/{entity_set}?$select=a"),
            headers: std::collections::BTreeMap::new(),
            entity_set: Some(entity_set.to_owned()),
            page_rows: Some(5_000),
        }
    }

    #[test]
    fn a_fault_strikes_its_table_after_the_skipped_ones_and_no_more() {
        let mut faults = Faults::default();
        faults.inject(
            Fault::on(Class::Read, Effect::HtmlPage)
                .table("contacts")
                .after(1)
                .times(2),
        );
        assert_eq!(faults.plan(&read("accounts")).whole, None);
        let struck: Vec<bool> = (0..5)
            .map(|_| faults.plan(&read("contacts")).whole.is_some())
            .collect();
        assert_eq!(struck, [false, true, true, false, false]);
        let report = faults.report().remove(0);
        assert_eq!((report.matched, report.fired), (5, 2));
    }

    #[test]
    fn a_content_fault_that_found_nothing_waits_for_the_next_page() {
        let mut faults = Faults::default();
        faults.inject(Fault::next(Effect::RepeatNextLink));
        let plan = faults.plan(&read("contacts"));
        faults.settle(&plan);
        let mut plan = faults.plan(&read("contacts"));
        plan.content[0].struck = true;
        faults.settle(&plan);
        assert!(faults.plan(&read("contacts")).content.is_empty());
    }
}
