use proptest::prelude::*;

use super::*;

const WINDOW: Duration = window::LENGTH;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
}

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn ledger(share: f64) -> Ledger {
    Ledger::new(BudgetShare::new(share).unwrap())
}

/// A request that is let in at once and succeeds after `took`.
fn succeed(ledger: &mut Ledger, now: &mut Timestamp, took: Duration) {
    let ticket = ledger.enter(*now).unwrap();
    *now = clock::after(*now, took);
    end(ledger, ticket, *now);
}

fn end(ledger: &mut Ledger, ticket: Ticket, now: Timestamp) {
    ledger.ended(ticket, now);
    ledger.succeeded(ticket);
    ledger.leave(ticket, now);
}

/// Lets as many in as may be.
fn fill(ledger: &mut Ledger, now: Timestamp) -> Vec<Ticket> {
    std::iter::from_fn(|| ledger.enter(now).ok()).collect()
}

#[test]
fn ten_thousand_requests_use_the_share_up_and_never_exceed_it_in_any_300_seconds() {
    let mut ledger = ledger(0.5);
    let mut now = at(0);
    let mut sent = Vec::new();
    let mut seed = 1_u64;
    while sent.len() < 10_000 {
        match ledger.enter(now) {
            Ok(ticket) => {
                sent.push(now);
                end(&mut ledger, ticket, now);
                // Bursts and lulls, from nothing to 100 ms.
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let lull = if seed >> 63 == 0 {
                    0
                } else {
                    (seed >> 32) % 100
                };
                now = clock::after(now, Duration::from_millis(lull));
            }
            Err(Hold::RequestsUsedUp(3_000, wait)) => now = clock::after(now, wait),
            Err(hold) => panic!("{hold:?}"),
        }
    }
    for (index, first) in sent.iter().enumerate() {
        let within = sent[index..].partition_point(|time| clock::elapsed(*first, *time) <= WINDOW);
        assert!(within <= 3_000, "{within} requests within 300 s of {first}");
    }
    let total = clock::elapsed(sent[0], sent[9_999]);
    assert!(total < WINDOW * 4, "the budget is also used: {total:?}");
}

#[test]
fn a_request_counts_until_300_seconds_after_its_end() {
    let mut ledger = ledger(0.002);
    let mut now = at(0);
    for _ in 0..12 {
        succeed(&mut ledger, &mut now, Duration::from_millis(10));
    }
    let wait = seconds(300) + Duration::from_millis(1) - Duration::from_millis(110);
    assert_eq!(ledger.enter(now), Err(Hold::RequestsUsedUp(12, wait)));
    assert!(ledger.enter(clock::after(now, wait)).is_ok());
}

#[test]
fn execution_time_holds_when_the_share_is_used_up_until_enough_has_left() {
    let mut ledger = ledger(0.5);
    let mut now = at(0);
    for _ in 0..5 {
        succeed(&mut ledger, &mut now, seconds(100));
    }
    // The first has left.
    assert_eq!(ledger.state(now).execution_time, seconds(400));
    succeed(&mut ledger, &mut now, seconds(100));
    // A window never holds more than 300 s of one at a time, however long they are: some at once do.
    let tickets = fill(&mut ledger, now);
    assert_eq!(tickets.len(), 2, "400 s used, 100 s expected of each");
    now = clock::after(now, seconds(100));
    for ticket in tickets {
        end(&mut ledger, ticket, now);
    }
    assert_eq!(ledger.state(now).execution_time, seconds(500));
}

#[test]
fn slow_requests_that_are_started_at_once_do_not_overshoot() {
    let mut ledger = ledger(0.25);
    let mut now = at(0);
    for _ in 0..200 {
        succeed(&mut ledger, &mut now, Duration::from_millis(1));
    }
    assert_eq!(ledger.cap, 13);
    now = clock::after(now, WINDOW * 2);
    succeed(&mut ledger, &mut now, seconds(60));
    // 300 s is the share; 60 s are used, and each may take 60 s again.
    let tickets = fill(&mut ledger, now);
    assert_eq!(tickets.len(), 4);
    assert!(matches!(ledger.enter(now), Err(Hold::TimeReserved(_))));
    // Two of them are quick, and leave room for others, the more the shorter is expected.
    for ticket in &tickets[..2] {
        end(&mut ledger, *ticket, now);
    }
    assert_eq!(fill(&mut ledger, now).len(), 3);
}

#[test]
fn what_takes_longer_than_was_expected_counts_while_it_is_under_way() {
    let mut ledger = ledger(0.1);
    let tickets = fill(&mut ledger, at(0));
    assert_eq!(tickets.len(), 4);
    let state = ledger.state(at(0));
    assert_eq!(state.execution_time, seconds(4), "1 s is expected of each");
    assert_eq!(ledger.state(at(25_000)).execution_time, seconds(100));
    ledger.leave(tickets[0], at(25_000));
    assert!(ledger.enter(at(25_000)).is_ok());
    ledger.leave(tickets[1], at(30_000));
    let held = ledger.enter(at(30_000));
    assert!(matches!(held, Err(Hold::TimeReserved(_))), "{held:?}");
}

#[test]
fn a_request_that_is_larger_than_the_whole_share_is_let_in_alone() {
    // 120 ms.
    let mut ledger = ledger(0.000_1);
    let mut now = at(0);
    for _ in 0..3 {
        succeed(&mut ledger, &mut now, seconds(2));
        let Err(Hold::RequestsUsedUp(1, wait) | Hold::TimeUsedUp(_, wait)) = ledger.enter(now)
        else {
            panic!("it is used up");
        };
        now = clock::after(now, wait);
    }
}

#[test]
fn what_was_not_sent_counts_towards_nothing() {
    let mut ledger = ledger(0.5);
    let ticket = ledger.enter(at(0)).unwrap();
    ledger.not_sent(ticket);
    assert_eq!(ledger.state(at(9_000)).under_way, 1);
    ledger.leave(ticket, at(9_000));
    let state = ledger.state(at(9_000));
    assert_eq!((state.requests, state.under_way), (0, 0));
    assert!(state.execution_time.is_zero());
}

#[test]
fn what_was_broken_off_counts_for_as_long_as_it_may_go_on() {
    let mut ledger = ledger(0.5);
    let ticket = ledger.enter(at(0)).unwrap();
    ledger.leave(ticket, at(10));
    let state = ledger.state(at(10));
    assert_eq!((state.requests, state.under_way), (1, 0));
    assert_eq!(state.execution_time, seconds(1));
}

#[test]
fn a_process_that_was_frozen_for_a_day_under_way_is_not_held_for_it() {
    let mut ledger = ledger(0.5);
    let ticket = ledger.enter(at(0)).unwrap();
    let day = at(86_400_000);
    end(&mut ledger, ticket, day);
    assert_eq!(ledger.state(day).execution_time, seconds(240));
    assert!(ledger.enter(day).is_ok());
}

#[test]
fn the_cap_starts_small_grows_on_success_and_never_exceeds_the_share() {
    let mut ledger = ledger(0.5);
    let mut now = at(0);
    let mut most = 0;
    for _ in 0..200 {
        let tickets = fill(&mut ledger, now);
        if most == 0 {
            assert_eq!(tickets.len(), 4);
        }
        most = tickets.len();
        for ticket in tickets {
            end(&mut ledger, ticket, now);
        }
        now = clock::after(now, seconds(1));
        if ledger.requests() > 2_900 {
            now = clock::after(now, WINDOW * 2);
        }
    }
    assert_eq!(most, 26);
}

#[test]
fn the_hint_lowers_the_cap_at_once_and_bounds_its_growth() {
    let mut ledger = ledger(1.0);
    ledger.hinted(2);
    for _ in 0..50 {
        ledger.succeeded(0);
    }
    assert_eq!(ledger.cap, 2);
    ledger.hinted(60);
    for _ in 0..2_000 {
        ledger.succeeded(0);
    }
    assert_eq!(ledger.cap, 52);
    ledger.hinted(0);
    assert_eq!(ledger.cap, 1, "a senseless hint never stops everything");
}

#[test]
fn a_throttle_stops_everybody_and_halves_the_cap_once_for_the_whole_burst() {
    let mut ledger = ledger(1.0);
    let now = at(0);
    for _ in 0..3 {
        ledger.throttled(now);
        ledger.pause(now, seconds(10));
    }
    assert_eq!(ledger.cap, 2);
    assert_eq!(ledger.enter(now), Err(Hold::Paused(seconds(10))));
    ledger.pause(at(4_000), seconds(3));
    assert_eq!(
        ledger.enter(at(4_000)),
        Err(Hold::Paused(seconds(6))),
        "a shorter wait does not shorten the longer one"
    );
    assert!(ledger.enter(at(10_000)).is_ok());
}

#[test]
fn a_clock_that_jumps_back_a_day_does_not_stop_the_client_for_a_day() {
    let mut ledger = ledger(1.0);
    let day = 86_400_000;
    let mut now = at(day);
    succeed(&mut ledger, &mut now, Duration::ZERO);
    let under_way = ledger.enter(at(day)).unwrap();
    ledger.pause(at(day + 5_000), seconds(10));
    ledger.state(at(day + 5_000));
    assert_eq!(ledger.enter(at(0)), Err(Hold::Paused(seconds(10))));
    let state = ledger.state(at(1_000));
    assert_eq!(
        state.execution_time,
        seconds(6),
        "5 s before the jump, 1 after"
    );
    ledger.leave(under_way, at(1_000));
    assert!(ledger.enter(at(10_000)).is_ok());
    assert_eq!(ledger.state(at(10_000)).requests, 3);
    assert_eq!(ledger.state(at(400_000)).requests, 1);
}

#[test]
fn a_full_cap_frees_a_place_when_a_request_ends_however_it_ends() {
    let mut ledger = ledger(0.02);
    let ticket = ledger.enter(at(0)).unwrap();
    assert_eq!(ledger.enter(at(0)), Err(Hold::Busy));
    ledger.leave(ticket, at(0));
    assert!(ledger.enter(at(0)).is_ok());
}

/// What is let in at once after an answer said that so much remains.
fn let_in_after(requests: Option<u32>, time: Option<Duration>) -> usize {
    let mut ledger = ledger(1.0);
    (0..2_000).for_each(|_| ledger.succeeded(0));
    let mut now = at(0);
    for _ in 0..50 {
        succeed(&mut ledger, &mut now, seconds(1));
    }
    let ticket = ledger.enter(now).unwrap();
    ledger.ended(ticket, now);
    let said = Remaining {
        requests,
        execution_time: time,
    };
    ledger.told(ticket, said);
    ledger.leave(ticket, now);
    fill(&mut ledger, now).len()
}

#[test]
fn where_others_use_the_limits_up_only_what_is_left_is_started_at_once() {
    assert_eq!(let_in_after(Some(5_949), Some(seconds(1_149))), 52);
    assert_eq!(let_in_after(Some(3_000), None), 52);
    assert_eq!(let_in_after(Some(7), None), 7);
    assert_eq!(let_in_after(Some(0), None), 1, "or nothing would be learnt");
    assert_eq!(let_in_after(None, Some(seconds(9))), 9, "1 s each");
    assert_eq!(let_in_after(Some(4), Some(Duration::ZERO)), 1);
}

#[test]
fn what_remains_is_not_heeded_where_our_own_requests_explain_it() {
    let mut ledger = ledger(1.0);
    (0..2_000).for_each(|_| ledger.succeeded(0));
    let mut now = at(0);
    for _ in 0..5_999 {
        succeed(&mut ledger, &mut now, Duration::from_millis(10));
    }
    let ticket = ledger.enter(now).unwrap();
    let said = Remaining {
        requests: Some(0),
        execution_time: Some(seconds(1_140)),
    };
    ledger.told(ticket, said);
    assert_eq!(ledger.squeezed, None);
    assert_eq!(ledger.state(now).remaining, said);
    assert_eq!(ledger.state(now).under_way_allowed, 52);
}

/// What may happen to a ledger.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// As many requests as may be are sent, so many at most.
    Send(usize),
    /// One of those under way ends.
    End(usize, How),
    Pass(Duration),
    /// The clock is set back, while no time passes.
    SetBack(Duration),
    Hint(u32),
}

#[derive(Clone, Copy, Debug)]
enum How {
    Succeeds,
    Throttled(u64),
    NotSent,
    BrokenOff,
}

fn event() -> impl Strategy<Value = Event> {
    let how = prop_oneof![
        6 => Just(How::Succeeds),
        1 => (1..40_u64).prop_map(How::Throttled),
        1 => Just(How::NotSent),
        1 => Just(How::BrokenOff),
    ];
    prop_oneof![
        6 => (1..60_usize).prop_map(Event::Send),
        8 => (any::<usize>(), how).prop_map(|(which, how)| Event::End(which, how)),
        5 => (0..20_000_u64).prop_map(|ms| Event::Pass(Duration::from_millis(ms))),
        1 => (0..400_u64).prop_map(|s| Event::Pass(seconds(s))),
        1 => (0..100_000_u64).prop_map(|s| Event::SetBack(seconds(s))),
        1 => (0..60_u32).prop_map(Event::Hint),
    ]
}

/// A request as it truly was: when it was sent, when it ended, and how long it was under way.
#[derive(Clone, Copy, Debug)]
struct Truth {
    sent: Duration,
    ended: Duration,
}

/// A ledger on a clock that may be set back, and what is true of its requests.
struct Model {
    ledger: Ledger,
    /// The true time, and what the clock is off by.
    time: Duration,
    set_back: Duration,
    under_way: Vec<(Ticket, Duration)>,
    done: Vec<Truth>,
}

impl Model {
    fn now(&self) -> Timestamp {
        at(1_000_000_000_000) + self.time - self.set_back
    }

    fn take_part(&mut self, event: Event) {
        let now = self.now();
        // So that time does not pass unnoticed before the clock is set back.
        self.ledger.state(now);
        match event {
            Event::Send(most) => {
                for _ in 0..most {
                    let Ok(ticket) = self.ledger.enter(now) else {
                        return;
                    };
                    self.under_way.push((ticket, self.time));
                    self.check();
                }
            }
            Event::End(..) if self.under_way.is_empty() => {}
            Event::End(which, how) => {
                let which = which % self.under_way.len();
                let (ticket, sent) = self.under_way.swap_remove(which);
                match how {
                    How::Succeeds => end(&mut self.ledger, ticket, now),
                    How::Throttled(wait) => {
                        self.ledger.ended(ticket, now);
                        self.ledger.throttled(now);
                        self.ledger.pause(now, seconds(wait));
                    }
                    How::NotSent => self.ledger.not_sent(ticket),
                    How::BrokenOff => {}
                }
                self.ledger.leave(ticket, now);
                if !matches!(how, How::NotSent) {
                    let ended = self.time;
                    self.done.push(Truth { sent, ended });
                }
            }
            Event::Pass(time) => self.time += time,
            Event::SetBack(by) => self.set_back += by,
            Event::Hint(hint) => self.ledger.hinted(hint),
        }
    }

    /// One was let in: with it, what may have run within the last 300 seconds is within the share. Those
    /// under way take what is expected of them, or longer already.
    fn check(&self) {
        let (requests, done, under_way) = self.within_the_last_300_seconds();
        let (most, most_time) = (self.ledger.most_requests, self.ledger.most_time);
        assert!(requests <= most as usize, "{requests} requests of {most}");
        let alone = self.under_way.len() == 1 && done.is_zero();
        let time = done + under_way;
        assert!(time <= most_time || alone, "{time:?} of {most_time:?}");
        assert!(self.under_way.len() <= self.ledger.most_concurrent as usize);
    }

    /// How many requests, how long those that ended took, and those under way.
    fn within_the_last_300_seconds(&self) -> (usize, Duration, Duration) {
        let within = |truth: &&Truth| self.time - truth.ended <= WINDOW;
        let longest = |time: Duration| time.min(LONGEST);
        let done = self.done.iter().filter(within);
        let done_time: Duration = done
            .clone()
            .map(|truth| longest(truth.ended - truth.sent))
            .sum();
        let under_way = self
            .under_way
            .iter()
            .map(|(_, sent)| longest(self.time - *sent).max(self.ledger.expected));
        let requests = done.count() + self.under_way.len();
        (requests, done_time, under_way.sum())
    }

    /// Everything under way ends, and then whoever waits as long as is asked gets in.
    fn assert_not_stuck(&mut self) {
        while !self.under_way.is_empty() {
            self.take_part(Event::End(0, How::Succeeds));
        }
        for _ in 0..10 {
            match self.ledger.enter(self.now()) {
                Ok(_) => return,
                Err(
                    Hold::Paused(wait) | Hold::RequestsUsedUp(_, wait) | Hold::TimeUsedUp(_, wait),
                ) => {
                    assert!(wait <= WINDOW + seconds(1), "{wait:?}");
                    self.time += wait;
                }
                Err(hold) => panic!("nothing is under way: {hold:?}"),
            }
        }
        panic!("held for ever");
    }
}

proptest! {
    #[test]
    fn whatever_happens_no_window_exceeds_the_share_and_nobody_is_held_for_ever(
        share in prop_oneof![Just(0.002), Just(0.01), Just(0.03), Just(0.2), Just(1.0)],
        events in prop::collection::vec(event(), 1..300),
    ) {
        let mut model = Model {
            ledger: ledger(share),
            time: Duration::ZERO,
            set_back: Duration::ZERO,
            under_way: Vec::new(),
            done: Vec::new(),
        };
        for event in events {
            model.take_part(event);
        }
        model.assert_not_stuck();
    }
}
