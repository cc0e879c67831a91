#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]

use super::*;
use crate::{
    Eyes, Picture,
    testing::{Head, card, obey},
};

fn order(turns: &[Turn]) -> Order {
    Order { turns: turns.into(), pauses_ms: vec![500; turns.len()] }
}

fn drawn(seed: u8) -> Order {
    let random: Vec<u8> =
        (0..24).map(|at: u8| at.wrapping_mul(37).wrapping_add(seed).wrapping_mul(101)).collect();
    Order::drawn(random.as_slice().try_into().unwrap())
}

fn seen(head: &Head) -> Seen {
    Seen::One(head.measures())
}

fn eyes() -> Eyes {
    Eyes::read(&crate::tests::models()).unwrap()
}

/// A preview as the page makes it.
fn preview(eyes: &Eyes, head: &Head) -> Seen {
    eyes.look(&head.draw(180, 240))
}

#[test]
fn whoever_does_as_they_are_told_comes_to_the_photo_in_time() {
    for seed in 0..60 {
        let mut course = Course::new(drawn(seed));
        let (at_ms, verdict) = obey(&mut course, Head::default(), seen);
        assert_eq!(verdict, Verdict::Go(Hint::Photo), "{:?}", course.order());
        assert!(at_ms < 40_000, "{at_ms}");
        assert_eq!(course.photo(at_ms + 1000, &seen(&Head::default())), Ok(()));
    }
}

#[test]
fn an_order_is_hard_to_guess_and_asks_for_what_only_a_round_head_can_do() {
    let mut seen = std::collections::HashSet::new();
    for number in 0..2000_u64 {
        let mut random = [7; 24];
        random[..8].copy_from_slice(&number.to_le_bytes());
        let order = Order::drawn(&random);
        assert!((4..=5).contains(&order.turns().len()));
        assert!(order.turns().contains(&Turn::Left) && order.turns().contains(&Turn::Right));
        assert!(order.turns().windows(2).all(|two| two[0] != two[1]));
        assert!(order.pauses_ms.iter().all(|pause| PAUSE_MS.contains(pause)));
        seen.insert(order.turns().iter().map(|turn| format!("{turn:?}")).collect::<String>());
    }
    assert!(seen.len() > 250, "{} orders", seen.len());
}

#[test]
fn a_still_face_never_comes_to_the_photo() {
    let mut course = Course::new(order(&[Turn::Left, Turn::Up, Turn::Right, Turn::Closer]));
    let mut last = Verdict::Go(Hint::Straight);
    for frame in 1..200 {
        last = course.frame(frame * 250, &seen(&Head::default()));
        if matches!(last, Verdict::Broken(_)) {
            break;
        }
    }
    assert_eq!(last, Verdict::Broken(Break::Late));
    assert_eq!(course.photo(13_000, &seen(&Head::default())), Err(NoPhoto::Broken(Break::Late)));
}

/// What somebody shows who was asked for `shown`, judged by whoever asked for `asked`.
fn film(shown: &Order, asked: &Order, pace: u32) -> Verdict {
    let mut first = Course::new(shown.clone());
    let mut frames = Vec::new();
    obey(&mut first, Head::default(), |head| {
        frames.push(*head);
        seen(head)
    });
    let mut second = Course::new(asked.clone());
    let mut last = Verdict::Go(Hint::Straight);
    for (at, head) in (1_u32..).zip(&frames) {
        last = second.frame(at * pace, &seen(head));
        if matches!(last, Verdict::Broken(_)) {
            break;
        }
    }
    last
}

#[test]
fn a_film_of_another_order_is_refused() {
    let asked = order(&[Turn::Left, Turn::Right, Turn::Up, Turn::Closer]);
    for turns in [
        [Turn::Right, Turn::Left, Turn::Up, Turn::Closer],
        [Turn::Left, Turn::Up, Turn::Right, Turn::Closer],
        [Turn::Left, Turn::Right, Turn::Closer, Turn::Up],
    ] {
        assert_eq!(film(&order(&turns), &asked, 250), Verdict::Broken(Break::Other), "{turns:?}");
    }
    let everything =
        [Turn::Left, Turn::Right, Turn::Up, Turn::Closer, Turn::Left, Turn::Right, Turn::Up, Turn::Closer];
    let other = order(&[Turn::Up, Turn::Left, Turn::Closer, Turn::Right]);
    assert_eq!(film(&order(&everything), &other, 250), Verdict::Broken(Break::Other));
    assert_eq!(film(&asked, &asked, 250), Verdict::Go(Hint::Photo), "only the very order it was made for");
}

#[test]
fn a_film_of_the_right_turns_at_another_pace_is_refused() {
    let turns = [Turn::Left, Turn::Right, Turn::Up, Turn::Left];
    let quick = Order { turns: turns.into(), pauses_ms: vec![300; 4] };
    let slow = Order { turns: turns.into(), pauses_ms: vec![1500; 4] };
    assert_eq!(film(&quick, &slow, 250), Verdict::Broken(Break::Early));
}

#[test]
fn nobody_finishes_what_somebody_else_began() {
    let turns = [Turn::Left, Turn::Right, Turn::Up, Turn::Closer];
    for other in 1..5 {
        let mut course = Course::new(order(&turns));
        let mut frame = 0;
        let (_, verdict) = obey(&mut course, Head::default(), |head| {
            frame += 1;
            seen(&Head { person: if frame > 12 { other } else { 0 }, ..*head })
        });
        assert!(matches!(verdict, Verdict::Broken(Break::Cut | Break::Another)), "{other}: {verdict:?}");
    }
}

#[test]
fn a_cut_to_another_place_or_wall_is_refused() {
    let turns = [Turn::Left, Turn::Right, Turn::Up, Turn::Closer];
    for other in
        [Head { at: [0.9, 0.47], ..Head::default() }, Head { background: [140, 150, 120], ..Head::default() }]
    {
        let mut course = Course::new(order(&turns));
        let mut frame = 0;
        let (_, verdict) = obey(&mut course, Head::default(), |head| {
            frame += 1;
            seen(&if frame > 12 {
                Head { at: other.at, background: other.background, ..*head }
            } else {
                *head
            })
        });
        assert_eq!(verdict, Verdict::Broken(Break::Cut));
    }
}

#[test]
fn a_face_that_goes_away_does_not_come_back() {
    let mut course = Course::new(order(&[Turn::Left, Turn::Right, Turn::Left, Turn::Right]));
    for frame in 1..=4 {
        course.frame(frame * 250, &seen(&Head::default()));
    }
    assert_eq!(course.frame(1250, &Seen::Nobody), Verdict::Go(Hint::Mend(Fault::Nobody)));
    assert!(matches!(course.frame(1500, &seen(&Head::default())), Verdict::Go(Hint::Turn(Turn::Left))));
    course.frame(1750, &Seen::Several);
    course.frame(2000, &Seen::Nobody);
    assert_eq!(course.frame(2250, &Seen::Nobody), Verdict::Broken(Break::Lost));
    assert_eq!(course.frame(2500, &seen(&Head::default())), Verdict::Broken(Break::Lost), "it stays over");
}

#[test]
fn a_challenge_ends_after_a_minute_and_after_three_hundred_frames() {
    let mut course = Course::new(drawn(1));
    assert_eq!(course.frame(LIFE_MS + 1, &Seen::Nobody), Verdict::Broken(Break::Late));
    let mut course = Course::new(drawn(1));
    for frame in 0..u32::from(FRAMES_MAX) {
        assert!(matches!(course.frame(frame * 100, &Seen::Nobody), Verdict::Go(_)));
    }
    assert_eq!(course.frame(31_000, &Seen::Nobody), Verdict::Broken(Break::TooMany));
}

#[test]
fn the_photo_is_of_the_same_sitting_and_face_with_open_eyes() {
    let finished = || {
        let mut course = Course::new(order(&[Turn::Left, Turn::Right, Turn::Up, Turn::Closer]));
        let (at_ms, _) = obey(&mut course, Head::default(), seen);
        (course, at_ms)
    };
    let (mut course, at_ms) = finished();
    assert_eq!(
        course.photo(at_ms + PHOTO_GAP_MS + 1, &seen(&Head::default())),
        Err(NoPhoto::Broken(Break::Lost))
    );
    let (mut course, at_ms) = finished();
    let other = Head { person: 3, ..Head::default() };
    assert_eq!(course.photo(at_ms + 500, &seen(&other)), Err(NoPhoto::Broken(Break::Cut)));
    let (mut course, at_ms) = finished();
    let asleep = Head { eyes: 0.2, ..Head::default() };
    assert_eq!(course.photo(at_ms + 500, &seen(&asleep)), Err(NoPhoto::Faults(vec![Fault::EyesShut])));
    let talking = Head { mouth: 1.0, ..Head::default() };
    assert_eq!(course.photo(at_ms + 900, &seen(&talking)), Err(NoPhoto::Faults(vec![Fault::MouthOpen])));
    assert_eq!(course.photo(at_ms + 1300, &seen(&Head::default())), Ok(()), "it can be taken again");
    let mut course = Course::new(drawn(3));
    assert_eq!(course.photo(500, &seen(&Head::default())), Err(NoPhoto::NotYet));
}

#[test]
fn a_drawn_head_that_turns_passes_by_what_the_models_see() {
    let eyes = eyes();
    for (seed, person) in [(1, 0), (2, 1), (4, 4)] {
        let mut course = Course::new(drawn(seed));
        let head = Head { person, ..Head::default() };
        let (at_ms, verdict) = obey(&mut course, head, |head| preview(&eyes, head));
        assert_eq!(verdict, Verdict::Go(Hint::Photo), "{:?}", course.order());
        assert_eq!(course.photo(at_ms + 700, &eyes.look(&head.draw(480, 640))), Ok(()));
    }
}

/// A printed photo, turned by hand as far as a head would be, by what the models see.
#[test]
fn a_printed_photo_that_is_turned_by_hand_does_not_pass() {
    let eyes = eyes();
    let printed = Head::default().draw(180, 240);
    let mut course = Course::new(order(&[Turn::Left, Turn::Right, Turn::Up, Turn::Closer]));
    let (_, verdict) = obey(&mut course, Head::default(), |head| {
        eyes.look(&card(&printed, head.yaw * 1.5, head.pitch * 1.5))
    });
    assert!(matches!(verdict, Verdict::Broken(_)), "{verdict:?}");
}

#[test]
fn four_people_do_not_make_one() {
    let eyes = eyes();
    let turns = [Turn::Left, Turn::Right, Turn::Up, Turn::Closer];
    let mut course = Course::new(order(&turns));
    let mut frame = 0_u8;
    let (_, verdict) = obey(&mut course, Head::default(), |head| {
        frame += 1;
        preview(&eyes, &Head { person: frame / 10, ..*head })
    });
    assert!(matches!(verdict, Verdict::Broken(Break::Cut | Break::Another)), "{verdict:?}");
}

#[test]
fn a_picture_of_noise_is_nobody() {
    let rgb: Vec<u8> =
        (0..240 * 320 * 3_u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    assert_eq!(eyes().look(&Picture::new(240, 320, rgb).unwrap()), Seen::Nobody);
}
