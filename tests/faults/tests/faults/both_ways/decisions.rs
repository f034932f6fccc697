//! What people decide about changes: they give them up, try them again, or say whose values prevail.

use changes::Resolution;

use super::moment::Origin;
use super::scene::Scene;
use crate::wire::Wire;

impl Scene {
    /// A person decides about a change that can be decided about.
    pub(super) async fn person_decides(&mut self) {
        self.observe().await;
        let changes = self.last.changes.iter();
        let open = changes.filter(|(_, stand)| {
            let states = ["held", "refused", "waiting"];
            stand.origin == Origin::App && states.contains(&stand.state.as_str())
        });
        let open: Vec<String> = open.map(|(id, _)| id.clone()).collect();
        if open.is_empty() {
            return;
        }
        let id = self.random.one_of(&open);
        let resolution = self
            .random
            .one_of(&match self.last.changes[&id].state.as_str() {
                "held" => vec![
                    Resolution::KeepApp,
                    Resolution::KeepApp,
                    Resolution::KeepDynamics,
                    Resolution::Drop,
                    Resolution::Retry,
                ],
                "refused" => vec![Resolution::Retry, Resolution::Drop],
                _ => vec![Resolution::Drop],
            });
        let wire = Wire::new(self.some_cut(8));
        let changes = self.changes(&wire);
        let answer = tokio::select! {
            answer = changes.resolve(&id, resolution) => Some(answer),
            () = wire.died() => None,
        };
        let before = std::mem::take(&mut self.last);
        self.acted().await;
        let told = answer.map(|answer| answer.map(|change| change.state));
        self.tell(format!(
            "a person decides {resolution:?} about {id}: {told:?}"
        ));
        let (was, now) = (&before.changes[&id], &self.last.changes[&id]);
        if now.state == was.state && now.sequence == was.sequence {
            return;
        }
        self.log.decided.insert(id.clone());
        if now.is("waiting") {
            // What the app saw when it handed it in still counts.
            let handed = self.log.handed.get_mut(&id).unwrap();
            handed.forced = resolution == Resolution::KeepApp;
        }
    }
}
