//! What an expiry may write to Dynamics, and what a renewal may give back: neither makes anybody visible who
//! is suspended, nor overrules what the app says.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde_json::{Value as Json, json};

use super::moment::{Origin, Row, Stand, Values};
use super::streams::{ACTIVE, EXPIRED, Of, RowId, SUSPENDED};
use super::writes::Step;

impl Step<'_> {
    /// An expiry is written only to what has expired, and taken back only from what is valid; it makes
    /// nobody visible who is suspended.
    pub(super) fn check_expiry(
        &self,
        (stand, field): (&Stand, &str),
        row: &RowId,
        [before, now]: [&Row; 2],
    ) {
        let expires = stand.origin == Origin::Expiry;
        let told = format!(
            "{:?} of {field} of {row:?}: {before:?}, {now:?}",
            stand.origin
        );
        let over_app = !expires && self.is_the_apps((stand, field), row, &before.values[field]);
        assert!(
            !over_app,
            "it overwrote what the app had said since the expiry: {told}"
        );
        if row.0 == Of::Members {
            // In Dynamics, or as the copy knows that it will be.
            let refers = |is: &dyn Fn(&Values) -> bool| self.mentors(is).contains(&row.1);
            // One that was suspended since hides the member all the same.
            let was_over = self.log.expired_mentors.contains(&row.1);
            match expires {
                true => assert!(was_over || refers(&|one| self.is_over(one)), "{told}"),
                false => assert!(refers(&|one| self.is_valid(one)), "{told}"),
            }
            return;
        }
        if expires {
            let status = &before.values["status"];
            let changes = self.writable(row);
            let by_app = changes
                .iter()
                .any(|(_, stand)| stand.names.contains("status"));
            assert!(self.is_over(&now.values), "{told}");
            assert!(
                [json!(ACTIVE), json!(EXPIRED)].contains(status) || by_app,
                "{told}"
            );
            return;
        }
        assert!(now.values["status"] != json!(SUSPENDED), "{told}");
        let mut waiting = self.writable(row).into_iter();
        let suspends = |(id, stand): (&str, &Stand)| {
            let handed = self.log.handed.get(id);
            stand.is("waiting")
                && handed.is_some_and(|one| one.fields.get("status") == Some(&json!(SUSPENDED)))
        };
        assert!(
            !waiting.any(suspends),
            "made visible though the app has suspended it: {told}"
        );
    }

    /// Whether the app has said this since the last expiry before the renewal.
    fn is_the_apps(&self, (renewal, field): (&Stand, &str), row: &RowId, value: &Json) -> bool {
        let earlier = || {
            let all = self.after.changes.iter();
            all.filter(|(_, one)| {
                let of_row = one.of == row.0 && one.row.as_ref() == Some(&row.1);
                of_row && one.is("applied") && one.sequence < renewal.sequence
            })
        };
        let expiries = earlier().filter(|(_, one)| one.origin == Origin::Expiry);
        let expired = expiries.map(|(_, one)| one.sequence).max().unwrap_or(0);
        earlier().any(|(id, one)| {
            let said = self
                .log
                .handed
                .get(id)
                .and_then(|one| one.fields.get(field));
            one.sequence > expired && !one.lost.contains(field) && said == Some(value)
        })
    }

    /// Members to whom an expired certification refers.
    pub(super) fn expired_mentors(&self) -> BTreeSet<String> {
        self.mentors(&|one| self.is_over(one))
    }

    /// Members to whom such certifications refer, in Dynamics or as the copy knows that it will be; what the
    /// app wants of a certification and what people have just done to it may come together.
    fn mentors(&self, is: &dyn Fn(&Values) -> bool) -> BTreeSet<String> {
        let (mut found, mut mentors) = (BTreeSet::new(), BTreeMap::new());
        for at in self.moments() {
            let rows = at.rows.iter().map(|(id, row)| (id, row.values.clone()));
            let records = at.records.iter().map(|(id, one)| (id, one.wanted()));
            for ((of, id), one) in rows.chain(records) {
                if *of != Of::Certifications {
                    continue;
                }
                if is(&one) {
                    found.insert(id);
                }
                let mentor = one["mentor"].as_str().map(str::to_owned);
                let of_row: &mut BTreeSet<String> = mentors.entry(id).or_default();
                of_row.extend(mentor);
            }
        }
        found
            .into_iter()
            .flat_map(|id| mentors[id].clone())
            .collect()
    }

    fn is_over(&self, values: &Values) -> bool {
        let status = &values["status"];
        [json!(ACTIVE), json!(EXPIRED)].contains(status) && self.is_past(&values["valid_to"])
    }

    fn is_valid(&self, values: &Values) -> bool {
        values["status"] == json!(ACTIVE) && !self.is_past(&values["valid_to"])
    }

    fn is_past(&self, day: &Json) -> bool {
        let day = day.as_str().map(|day| day.parse::<Date>().unwrap());
        day.is_some_and(|day| day < self.today)
    }
}
