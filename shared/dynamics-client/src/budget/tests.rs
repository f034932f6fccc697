use super::*;

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(1_800_000_000_000 + ms).unwrap()
}

fn budget(share: f64) -> Budget {
    Budget::new(BudgetShare::new(share).unwrap())
}

#[test]
fn ten_thousand_requests_never_exceed_the_share_in_any_300_seconds() {
    let budget = budget(0.5);
    let mut now = at(0);
    let mut sent = Vec::new();
    let mut seed = 1_u64;
    while sent.len() < 10_000 {
        match budget.enter(now) {
            Ok(permit) => {
                sent.push(now);
                drop(permit);
                // Bursts and lulls, from nothing to 100 ms.
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let lull = if seed >> 63 == 0 {
                    0
                } else {
                    (seed >> 32) % 100
                };
                now = clock::after(now, Duration::from_millis(lull));
            }
            Err(Hold::WindowFull(wait)) => now = clock::after(now, wait),
            Err(hold) => panic!("{hold:?}"),
        }
    }
    let window = WINDOW;
    for (index, first) in sent.iter().enumerate() {
        let within = sent[index..].partition_point(|time| clock::elapsed(*first, *time) <= window);
        assert!(within <= 3_000, "{within} requests within 300 s of {first}");
    }
    let total = clock::elapsed(sent[0], sent[9_999]);
    assert!(total < WINDOW * 4, "the budget is also used: {total:?}");
}

#[test]
fn the_cap_starts_small_grows_on_success_and_never_exceeds_the_share() {
    let budget = budget(0.5);
    let mut now = at(0);
    let mut most = 0;
    for _ in 0..200 {
        let permits: Vec<_> = std::iter::from_fn(|| budget.enter(now).ok()).collect();
        if most == 0 {
            assert_eq!(permits.len(), 4);
        }
        most = permits.len();
        permits.iter().for_each(|_| budget.succeeded());
        now = clock::after(now, Duration::from_secs(1));
        if budget.lock().sent.len() > 2_900 {
            now = clock::after(now, WINDOW * 2);
        }
    }
    assert_eq!(most, 26);
}

#[test]
fn the_hint_lowers_the_cap_at_once_and_bounds_its_growth() {
    let budget = budget(1.0);
    budget.hinted(2);
    for _ in 0..50 {
        budget.succeeded();
    }
    assert_eq!(budget.lock().cap, 2);
    budget.hinted(60);
    for _ in 0..2_000 {
        budget.succeeded();
    }
    assert_eq!(budget.lock().cap, 52);
    budget.hinted(0);
    assert_eq!(
        budget.lock().cap,
        1,
        "a senseless hint never stops everything"
    );
}

#[test]
fn a_throttle_stops_everybody_and_halves_the_cap_once_for_the_whole_burst() {
    let budget = budget(1.0);
    let now = at(0);
    for _ in 0..3 {
        budget.throttled(now);
        budget.pause(now, Duration::from_secs(10));
    }
    assert_eq!(budget.lock().cap, 2);
    assert_eq!(
        budget.enter(now).unwrap_err(),
        Hold::Paused(Duration::from_secs(10))
    );
    budget.pause(at(4_000), Duration::from_secs(3));
    assert_eq!(
        budget.enter(at(4_000)).unwrap_err(),
        Hold::Paused(Duration::from_secs(6)),
        "a shorter wait does not shorten the longer one"
    );
    assert!(budget.enter(at(10_000)).is_ok());
}

#[test]
fn a_clock_that_jumps_back_a_day_does_not_stop_the_client_for_a_day() {
    let budget = budget(1.0);
    let day = 86_400_000;
    let permit = budget.enter(at(day)).unwrap();
    drop(permit);
    budget.pause(at(day), Duration::from_secs(10));
    assert_eq!(
        budget.enter(at(0)).unwrap_err(),
        Hold::Paused(Duration::from_secs(10))
    );
    assert!(budget.enter(at(10_000)).is_ok());
    assert!(budget.lock().sent.iter().all(|sent| *sent <= at(10_000)));
}

#[test]
fn a_full_cap_frees_a_place_when_a_request_ends_however_it_ends() {
    let budget = budget(0.02);
    let permit = budget.enter(at(0)).unwrap();
    assert_eq!(budget.enter(at(0)).unwrap_err(), Hold::Busy);
    drop(permit);
    assert!(budget.enter(at(0)).is_ok());
}
