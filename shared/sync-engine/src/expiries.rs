//! The expiries of a run: of which streams, and what their failing means for the report.

use std::collections::BTreeSet;

use jiff::Timestamp;
use streams::Stream;
use tracing::Instrument;

use crate::expire::{Expired, ExpiryPass};
use crate::report::StreamReport;
use crate::run::span_of;
use crate::{Engine, Failure};

/// What the expiries of this run want, so far.
#[derive(Debug, Default)]
pub(crate) struct Wished {
    /// Streams whose expiry was carried out.
    pub(crate) passed: BTreeSet<String>,
    /// Renewals of records of other streams that are wanted now, by the ids of their changes.
    pub(crate) renewals: BTreeSet<String>,
}

impl Engine {
    /// Carries out the expiry of every stream that was pulled, or that hides records of one that was.
    pub(crate) async fn expire(
        &self,
        run_id: &str,
        streams: &[&Stream],
        deadline: Timestamp,
        reports: &mut [StreamReport],
    ) -> Wished {
        let mut wished = Wished::default();
        let before = match self.store.hiding_streams().await {
            Ok(before) => before,
            Err(error) => {
                let failure = Failure::from(error);
                for report in reports {
                    report.fail_expiry(&failure);
                }
                return wished;
            }
        };
        let everything_is_read = streams.len() == self.streams.streams.len()
            && reports.iter().all(|report| report.status.is_well());
        let with_expiry = self
            .streams
            .streams
            .iter()
            .filter(|one| one.expiry.is_some());
        let names: BTreeSet<&str> = with_expiry
            .map(|stream| stream.name.as_str())
            .chain(before.keys().map(String::as_str))
            .collect();
        for name in names {
            let stream = self.streams.stream(name);
            let wanted = targets_of(stream);
            let shown = before.get(name).into_iter().flatten().map(String::as_str);
            let targets: BTreeSet<&str> = wanted.iter().copied().chain(shown).collect();
            let concerned = |other: &str| other == name || targets.contains(other);
            if !streams.iter().any(|pulled| concerned(&pulled.name)) {
                continue;
            }
            // Renamed, perhaps, and not yet read under its new name: nobody is shown before everything is.
            if stream.is_none() && !everything_is_read {
                continue;
            }
            let pass = ExpiryPass {
                engine: self,
                run_id,
                name,
                stream,
                targets: targets.clone(),
                deadline,
            };
            let held = Failure::ExpiryHeld {
                stream: name.to_owned(),
            };
            let noted = pass.run_noted(before.get(name), &wanted);
            let mut outcome = noted.instrument(span_of(name)).await;
            if let Ok(Some(expired)) = &mut outcome
                && expired.withheld.is_none()
            {
                wished.passed.insert(name.to_owned());
                wished.renewals.append(&mut expired.renewals);
            }
            for report in reports.iter_mut().filter(|report| concerned(&report.name)) {
                let failure = match &outcome {
                    Ok(Some(expired)) => {
                        if report.name == name {
                            report.suppressed = expired.hidden;
                            report.expiring = expired.upcoming.total();
                            report.mismatch_expiries(&expired.unheeded);
                        }
                        expired.damaged.as_ref()
                    }
                    Ok(None) => Some(&held),
                    Err(failure) => Some(failure),
                };
                if let Some(failure) = failure {
                    report.fail_expiry(failure);
                }
                if let Ok(Some(Expired {
                    withheld: Some(withheld),
                    ..
                })) = &outcome
                    && report.name == name
                {
                    report.withhold_expiry(withheld);
                }
            }
        }
        wished
    }
}

/// The other streams whose records this one's expiry hides.
pub(crate) fn targets_of(stream: Option<&Stream>) -> BTreeSet<&str> {
    let expiry = stream.and_then(|stream| stream.expiry.as_ref());
    let targets = expiry.into_iter().flat_map(|expiry| &expiry.targets);
    targets.map(|set| set.stream.as_str()).collect()
}
