#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss)]

use super::*;
use crate::{
    Eyes, Picture,
    testing::{Head, card},
};

fn eyes() -> Eyes {
    Eyes::read(&crate::tests::models()).unwrap()
}

fn judged(eyes: &Eyes, head: &Head) -> Vec<Fault> {
    faults(&eyes.look(&head.draw(480, 640)), Taken::InTheOval)
}

/// Proves [`CL_6_A`](../../lending/src/law) as far as a program can: what breaks it plainly is told before anybody is asked.
#[test]
fn a_bad_photo_is_told_what_is_wrong_with_it_and_a_good_one_nothing() {
    let eyes = eyes();
    for person in [0, 2, 4] {
        assert_eq!(judged(&eyes, &Head { person, ..Head::default() }), [], "{person}");
    }
    let head = Head::default();
    let bad = [
        (Head { yaw: 25.0, ..head }, Fault::Turned),
        (Head { yaw: -25.0, ..head }, Fault::Turned),
        (Head { pitch: -22.0, ..head }, Fault::Turned),
        (Head { roll: 22.0, ..head }, Fault::Turned),
        (Head { mouth: 0.8, ..head }, Fault::MouthOpen),
        (Head { size: 0.35, ..head }, Fault::Far),
        (Head { size: 0.95, ..head }, Fault::Near),
        (Head { at: [0.3, 0.47], ..head }, Fault::Aside),
        (Head { light: 0.28, ..head }, Fault::Dark),
        (Head { background: [60, 60, 60], ..head }, Fault::Background),
    ];
    for (head, fault) in bad {
        assert!(judged(&eyes, &head).contains(&fault), "{fault:?}: {:?}", judged(&eyes, &head));
    }
}

#[test]
fn a_blurred_photo_is_called_blurred() {
    let picture = Head::default().draw(480, 640);
    let (width, height) = (picture.width(), picture.height());
    let mut rgb = picture.rgb().to_vec();
    for _ in 0..3 {
        rgb = blurred(&rgb, width, height, 4);
    }
    let blurred = Picture::new(width, height, rgb).unwrap();
    assert_eq!(faults(&eyes().look(&blurred), Taken::InTheOval), [Fault::Blurred]);
}

fn blurred(rgb: &[u8], width: usize, height: usize, by: usize) -> Vec<u8> {
    let at = |x: usize, y: usize, c: usize| u32::from(rgb[(y * width + x) * 3 + c]);
    let mut out = Vec::with_capacity(rgb.len());
    for y in 0..height {
        for x in 0..width {
            for c in 0..3 {
                let xs = x.saturating_sub(by)..=(x + by).min(width - 1);
                let ys = y.saturating_sub(by)..=(y + by).min(height - 1);
                let count = (xs.clone().count() * ys.clone().count()) as u32;
                let sum: u32 =
                    xs.flat_map(|x| ys.clone().map(move |y| (x, y))).map(|(x, y)| at(x, y, c)).sum();
                out.push((sum / count) as u8);
            }
        }
    }
    out
}

#[test]
fn two_people_or_none_are_no_photo() {
    let (eyes, one) = (eyes(), Head { size: 0.5, ..Head::default() }.draw(480, 640));
    let mut rgb = Vec::new();
    for row in one.rgb().chunks_exact(480 * 3) {
        rgb.extend(row);
        rgb.extend(row);
    }
    assert_eq!(faults(&eyes.look(&Picture::new(960, 640, rgb).unwrap()), Taken::Anyhow), [Fault::Several]);
    let wall = Picture::new(480, 640, vec![200; 480 * 640 * 3]).unwrap();
    assert_eq!(faults(&eyes.look(&wall), Taken::Anyhow), [Fault::Nobody]);
}

#[test]
fn the_picture_of_the_browser_tests_is_a_good_one() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../e2e/face.jpg");
    let image = image::open(file).unwrap().into_rgb8();
    let picture = Picture::new(image.width() as usize, image.height() as usize, image.into_raw()).unwrap();
    assert_eq!(faults(&eyes().look(&picture), Taken::Anyhow), []);
}

/// What this gate cannot see, so that nobody believes it can: a photo of a photo is a good photo.
#[test]
fn a_photo_of_a_photo_passes_the_gate_which_is_why_there_is_a_challenge() {
    let printed = card(&Head::default().draw(480, 640), 3.0, 0.0);
    assert_eq!(faults(&eyes().look(&printed), Taken::InTheOval), []);
}

#[test]
fn faults_are_told_for_measures_at_either_side_of_each_limit() {
    let good = Head::default().measures();
    assert_eq!(faults(&Seen::One(good), Taken::InTheOval), []);
    let with = |change: fn(&mut Measures)| {
        let mut measures = good;
        change(&mut measures);
        faults(&Seen::One(measures), Taken::InTheOval)
    };
    assert_eq!(with(|m| m.yaw = 15.1), [Fault::Turned]);
    assert_eq!(with(|m| m.yaw = -14.9), []);
    assert_eq!(with(|m| m.pitch = 25.0), []);
    assert_eq!(with(|m| m.pitch = -14.0), [Fault::Turned]);
    assert_eq!(with(|m| m.mouth_open = 0.091), [Fault::MouthOpen]);
    assert_eq!(with(|m| m.mouth_open = 0.089), []);
    assert_eq!(with(|m| m.mouth_wide = 0.7), [Fault::Smiling]);
    assert_eq!(with(|m| m.eyes_open = 0.14), [Fault::EyesShut]);
    assert_eq!(with(|m| m.light = 250.0), [Fault::Bright]);
    assert_eq!(with(|m| m.shadow = 0.5), [Fault::Shadow]);
    assert_eq!(with(|m| m.around = None), [], "a face that fills the picture has no background to judge");
}
