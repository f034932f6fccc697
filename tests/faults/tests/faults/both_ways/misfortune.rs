//! What may befall the wires: to Dynamics, whatever the simulator can do to a request; to DynamoDB,
//! throttles.

use dynamics_simulator::{Class, Effect, Fault, Limit, RetryAfter};
use uuid::Uuid;

use super::scene::Scene;
use crate::menu;
use crate::wire::Throttle;

impl Scene {
    pub(super) fn misfortune(&mut self) {
        match self.random.below(6) {
            0 => self.throttle(),
            1 => self.spoil_reads(),
            2 => self.take_dynamics_down(),
            _ => self.spoil_writes(),
        }
    }

    fn throttle(&mut self) {
        let (one_in, left) = (1 + self.random.below(3), self.random.below(40));
        self.tell(format!(
            "DynamoDB takes one write in {one_in}, for {left} writes"
        ));
        let throttle = Throttle::all_but_one_in(one_in, left);
        self.world.throttle = throttle.and_transactions();
    }

    fn spoil_reads(&mut self) {
        let of = self.some_stream();
        let row = self.some_row(of).map(|(_, id)| id.parse().unwrap());
        let id: Uuid = row.unwrap_or_default();
        let effect = menu::any(&mut self.random, of.table(), id);
        self.order(Fault::on(Class::Read, effect).table(of.table()), 4);
    }

    fn take_dynamics_down(&mut self) {
        let class = self
            .random
            .one_of(&[Class::WhoAmI, Class::Token, Class::Metadata]);
        let effect = self.some_failure();
        self.order(Fault::on(class, effect), 12);
    }

    fn spoil_writes(&mut self) {
        let class = self.random.one_of(&[Class::Write, Class::Batch]);
        let parts = |status, code: &str| Effect::FailParts {
            every: 1,
            status,
            code: code.to_owned(),
            message: String::new(),
        };
        let among = [
            self.some_failure(),
            self.some_failure(),
            Effect::ResetAfter,
            Effect::ResetAfter,
            Effect::CutJson,
            Effect::CutConnection,
            Effect::HtmlPage,
            Effect::EmptyBody,
            parts(412, "0x80060882"),
            parts(503, ""),
            parts(429, "0x80072322"),
        ];
        let effect = self.random.one_of(&among);
        self.log.loses_replies = true;
        self.order(Fault::on(class, effect), 3);
    }

    fn some_failure(&mut self) -> Effect {
        let status = |status| Effect::Status {
            status,
            code: String::new(),
            message: String::new(),
            retry_after: RetryAfter::Absent,
            html: false,
        };
        let throttled = Effect::Throttled {
            limit: Limit::Requests,
            retry_after: RetryAfter::Seconds(7),
        };
        self.random.one_of(&[
            status(503),
            status(500),
            status(408),
            throttled,
            Effect::ResetBefore,
            Effect::ResetAfter,
            Effect::Unauthorized,
        ])
    }

    fn order(&mut self, fault: Fault, most: u32) {
        let (skip, times) = (self.random.small(3), 1 + self.random.small(most));
        let fault = fault.after(skip).times(times);
        self.tell(format!("a fault: {fault:?}"));
        self.world.simulator.inject(fault);
    }

    /// Faults end, and what dead processes held is free again.
    pub(super) fn calm(&mut self) {
        self.world.simulator.clear_faults();
        self.log.loses_replies = false;
        self.world.throttle = Throttle::default();
        self.pass(std::time::Duration::from_secs(91));
    }
}
