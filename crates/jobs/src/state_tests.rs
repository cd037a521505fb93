//! The state machine by example and by any sequence of events.

use super::*;
use proptest::prelude::*;

fn exit(code: i32, cause: Cause, failure: Option<&str>) -> Event {
    Event::Exited(Exit { started_ms: 10, ended_ms: 20, code, cause, failure: failure.map(str::to_owned) })
}

fn run(events: &[Event]) -> JobState {
    let mut state = JobState::new(0);
    for (now, event) in events.iter().enumerate() {
        step(&mut state, event.clone(), now as i64);
    }
    state
}

fn check(events: &[Event], status: Status, secondary: &str, reason: Option<&str>) {
    let state = run(events);
    assert_eq!(state.status, status, "{events:?}");
    assert_eq!(state.secondary(), secondary, "{events:?}");
    assert_eq!(state.failure_reason.as_deref(), reason, "{events:?}");
}

use Event::{Begun, Downloaded, StopAsked, Uploaded};

#[test]
fn ways_through_life() {
    check(&[], Status::InProgress, "Starting", None);
    check(&[Begun], Status::InProgress, "Downloading", None);
    check(&[Begun, Downloaded], Status::InProgress, "Training", None);
    check(&[Begun, Downloaded, exit(0, Cause::Own, None)], Status::InProgress, "Uploading", None);
    check(&[Begun, Downloaded, exit(0, Cause::Own, None), Uploaded], Status::Completed, "Completed", None);
    check(
        &[Begun, Downloaded, exit(143, Cause::TimedOut, None), Uploaded],
        Status::Stopped,
        "MaxRuntimeExceeded",
        None,
    );
}

#[test]
fn stops() {
    check(&[StopAsked], Status::Stopping, "Stopping", None);
    check(&[StopAsked, Begun], Status::Stopped, "Stopped", None);
    check(&[Begun, StopAsked, Event::DownloadFailed("interrupted".into())], Status::Stopped, "Stopped", None);
    check(&[Begun, Downloaded, StopAsked, exit(143, Cause::Stopped, None)], Status::Stopping, "Stopping", None);
    check(&[Begun, Downloaded, StopAsked, exit(143, Cause::Stopped, None), Uploaded], Status::Stopped, "Stopped", None);
    check(&[Begun, Downloaded, StopAsked, exit(0, Cause::Own, None), Uploaded], Status::Stopped, "Stopped", None);
    check(&[Begun, Downloaded, exit(0, Cause::Own, None), StopAsked, Uploaded], Status::Completed, "Completed", None);
    check(&[Begun, Downloaded, StopAsked, Event::Lost("gone".into())], Status::Stopped, "Stopped", None);
}

#[test]
fn failures() {
    let failed = |failure: Option<&str>, code, reason: &str| {
        let events = [Begun, Downloaded, exit(code, Cause::Own, failure), Uploaded];
        check(&events, Status::Failed, "Failed", Some(reason));
    };
    failed(None, 1, "AlgorithmError: See job logs for more information, exit code: 1");
    failed(Some("bad input\n"), 1, "AlgorithmError: bad input, exit code: 1");
    failed(Some("ClientError: no label column"), 2, "ClientError: no label column, exit code: 2");
    failed(Some("Customer Error: no label column"), 2, "ClientError: no label column, exit code: 2");
    failed(Some("AlgorithmError: once"), 1, "AlgorithmError: once, exit code: 1");
    failed(Some("  "), 3, "AlgorithmError: See job logs for more information, exit code: 3");
    check(&[Begun, Event::DownloadFailed("ClientError: x".into())], Status::Failed, "Failed", Some("ClientError: x"));
    check(&[Begun, Downloaded, Event::Lost("lost".into())], Status::Failed, "Failed", Some("lost"));
    let long = run(&[Begun, Downloaded, exit(1, Cause::Own, Some(&"ä".repeat(5000))), Uploaded]);
    let reason = long.failure_reason.unwrap();
    assert_eq!(reason.chars().count(), 1024);
    assert!(reason.ends_with(", exit code: 1"));
}

#[test]
fn recoveries() {
    let again = |events: &[Event], actions: &[Action]| {
        let mut state = run(events);
        assert_eq!(step(&mut state, Begun, 99), actions, "{events:?}");
    };
    again(&[], &[Action::Download]);
    again(&[Begun], &[Action::Download]);
    again(&[Begun, Downloaded], &[Action::Run]);
    again(&[Begun, Downloaded, StopAsked], &[Action::Run, Action::Interrupt]);
    again(&[Begun, Downloaded, exit(0, Cause::Own, None)], &[Action::Upload]);
    again(&[Begun, Downloaded, exit(0, Cause::Own, None), Uploaded], &[]);
}

fn any_event() -> impl Strategy<Value = Event> {
    prop_oneof![
        Just(Begun),
        Just(Downloaded),
        Just(Event::DownloadFailed("no data".into())),
        (any::<u8>(), prop_oneof![Just(Cause::Own), Just(Cause::Stopped), Just(Cause::TimedOut)])
            .prop_map(|(code, cause)| exit(code.into(), cause, None)),
        Just(Event::Lost("lost".into())),
        Just(Uploaded),
        Just(Event::UploadFailed("no bucket".into())),
        Just(StopAsked),
    ]
}

proptest! {
    /// Whatever happens, in whatever order, what a reader sees makes sense.
    #[test]
    fn always_consistent(events in prop::collection::vec((any_event(), -5i64..1000), 0..40)) {
        let mut state = JobState::new(500);
        for (event, now) in events {
            let before = state.clone();
            let actions = step(&mut state, event.clone(), now);
            if before.ended() {
                prop_assert_eq!(&state, &before);
                prop_assert!(actions.is_empty());
            }
            prop_assert_eq!(state.ended(), matches!(state.status, Status::Completed | Status::Failed | Status::Stopped));
            prop_assert_eq!(state.status == Status::Failed, state.ended() && state.verdict == Some(Verdict::Failed));
            prop_assert_eq!(actions.contains(&Action::CleanUp), state.ended() && !before.ended());
            prop_assert!(!actions.contains(&Action::Upload) || state.phase == Phase::Uploading);
            prop_assert!(!actions.contains(&Action::Run) || state.phase == Phase::Training);
            prop_assert!(state.status != Status::Failed || state.failure_reason.is_some());
            for pair in state.transitions.windows(2) {
                prop_assert!(pair[0].end_ms.is_some_and(|end| end >= pair[0].start_ms && end <= pair[1].start_ms));
            }
            let open = state.transitions.last().unwrap().end_ms.is_none();
            prop_assert_eq!(open, !state.ended());
        }
    }

    /// A crash between any two steps repeats `Begun` and changes neither the end nor the transitions' order.
    #[test]
    fn restarts_change_nothing(code in 0i32..3, restarts in prop::collection::vec(any::<bool>(), 4)) {
        let events = [Begun, Downloaded, exit(code, Cause::Own, None), Uploaded];
        let plain = run(&events);
        let mut state = JobState::new(0);
        for (now, (event, restart)) in events.iter().zip(&restarts).enumerate() {
            if *restart && now > 0 {
                step(&mut state, Begun, now as i64);
            }
            step(&mut state, event.clone(), now as i64);
        }
        prop_assert_eq!(state, plain);
    }
}
