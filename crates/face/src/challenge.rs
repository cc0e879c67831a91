//! Turning one's head as one is asked: the judge of a liveness challenge.
//!
//! The order of turns and the pauses between them are drawn by the server ([`Order::drawn`]). [`Course`] is fed what was
//! seen, frame by frame, with the moment each frame arrived, and says what to do next, or that it is over. It is a pure
//! function of its input; whoever keeps it binds it to a person, a session and an operation.
//!
//! What it stops: a still photo (its yaw is never reached), a film of other turns, or of the right ones at another pace,
//! a cut from one face to another. What it does not stop: a face computed to order, fed into the camera's place.

use serde::{Deserialize, Serialize};

use crate::{
    Measures, Seen,
    gate::{self, Fault, Taken},
};

/// One thing to do with one's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// To the person's own left.
    Left,
    /// To the person's own right.
    Right,
    /// Up.
    Up,
    /// Nearer to the camera.
    Closer,
}

const TURNS: [Turn; 4] = [Turn::Left, Turn::Right, Turn::Up, Turn::Closer];
/// Turns of an order, fewest and most.
const TURNS_FEWEST: u32 = 4;
const TURNS_MOST: u32 = 5;
/// How long somebody looks straight ahead before the next turn is asked for, milliseconds.
const PAUSE_MS: std::ops::RangeInclusive<u32> = 300..=1500;

/// What is asked, and after which pauses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    turns: Vec<Turn>,
    /// Before each next turn, and before the photo; milliseconds.
    pauses_ms: Vec<u32>,
}

impl Order {
    /// An order drawn from randomness: four or five turns, left and right among them (only they need a head that is
    /// round), none twice in a row. Every one of them is as likely as any other.
    #[must_use]
    pub fn drawn(random: &[u8; 24]) -> Self {
        let all: Vec<Vec<Turn>> = (TURNS_FEWEST..=TURNS_MOST).flat_map(orders).collect();
        let number = u64::from_le_bytes([0, 1, 2, 3, 4, 5, 6, 7].map(|at| random[at]));
        let chosen = usize::try_from(number % (all.len() as u64)).unwrap_or_default();
        let turns = all[chosen].clone();
        let span = PAUSE_MS.end() - PAUSE_MS.start();
        let pauses_ms = random[8..].chunks_exact(2).take(turns.len());
        let pauses_ms = pauses_ms
            .map(|two| PAUSE_MS.start() + u32::from(u16::from_le_bytes([two[0], two[1]])) % (span + 1))
            .collect();
        Self { turns, pauses_ms }
    }

    /// The turns.
    #[must_use]
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }
}

fn orders(length: u32) -> impl Iterator<Item = Vec<Turn>> {
    let order = move |number: u32| -> Vec<Turn> {
        (0..length).map(|place| TURNS[(number >> (2 * place) & 3) as usize]).collect()
    };
    (0..1_u32 << (2 * length)).map(order).filter(|turns| {
        turns.contains(&Turn::Left)
            && turns.contains(&Turn::Right)
            && turns.windows(2).all(|two| two[0] != two[1])
    })
}

/// How long a challenge lives, milliseconds.
pub const LIFE_MS: u32 = 60_000;
/// Most frames of one challenge.
pub const FRAMES_MAX: u16 = 300;
/// How long one turn may take, milliseconds.
const TURN_MS: u32 = 12_000;
/// Frames between which nothing was seen for longer are not one film, milliseconds.
const GAP_MS: u32 = 2_500;
/// How long the photo may take to arrive after the last frame, milliseconds.
const PHOTO_GAP_MS: u32 = 8_000;
/// Frames in a row that must be good before the first turn.
const STEADY: u8 = 3;
/// Frames in a row in which nobody, or somebody else too, may be seen.
const LOST_MAX: u8 = 2;

/// What was asked is done from here on: degrees of yaw and pitch from where one began, and times as tall.
const REACHED: Reach = Reach { yaw: 18.0, pitch: 10.5, times: 1.25 };
/// What was not asked is not overlooked from here on: hardly more, or a film that does everything a little, over and over,
/// would do what is asked among it.
const PLAINLY: Reach = Reach { yaw: 19.5, pitch: 12.0, times: 1.3 };
/// Within this one looks straight ahead again.
const STRAIGHT: Reach = Reach { yaw: 10.0, pitch: 9.0, times: 1.18 };

struct Reach {
    yaw: f32,
    pitch: f32,
    times: f32,
}

/// Share of the area that a face and the next have in common, at least.
const OVERLAP_MIN: f32 = 0.2;
/// Most degrees from one frame to the next.
const JUMP_MAX: f32 = 60.0;
/// Most that the colours of face and wall change from one frame to the next, and from the first, of 255.
const COLOUR_JUMP_MAX: f32 = 35.0;
const COLOUR_DRIFT_MAX: f32 = 80.0;
/// Most that the distances across a face that looks straight ahead differ from those at the beginning, in all.
const SHAPE_MAX: f32 = 0.28;
/// Shut are eyes that are open less than this share of how they were.
const EYES_SHARE_MIN: f32 = 0.6;

/// Why it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Break {
    /// It took too long.
    Late,
    /// Too many frames.
    TooMany,
    /// The face was lost.
    Lost,
    /// Another turn than the one asked for.
    Other,
    /// A turn before it was asked for.
    Early,
    /// From one frame to the next it was another face, or the same one elsewhere.
    Cut,
    /// It is not the face it was at the beginning.
    Another,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hint {
    /// Mend this first.
    Mend(Fault),
    /// Look straight ahead and hold still.
    Straight,
    /// Do this.
    Turn(Turn),
    /// The turns are done: now the photo.
    Photo,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Go on.
    Go(Hint),
    /// It is over, for good.
    Broken(Break),
}

/// Why a photo does not end the challenge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoPhoto {
    /// Nobody asked for it yet.
    NotYet,
    /// It can be taken again.
    Faults(Vec<Fault>),
    /// It is over, for good.
    Broken(Break),
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Stage {
    Beginning {
        steady: u8,
    },
    Turning {
        step: usize,
        since_ms: u32,
    },
    /// `been`: has looked straight ahead already, so that whoever turns again turns too early.
    Returning {
        step: usize,
        straight_ms: Option<u32>,
        been: bool,
    },
    Photo,
    Broken(Break),
}

/// A challenge under way.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Course {
    order: Order,
    stage: Stage,
    frames: u16,
    lost: u8,
    base: Option<Measures>,
    last: Option<(u32, Measures)>,
}

impl Course {
    /// One that has just begun.
    #[must_use]
    pub fn new(order: Order) -> Self {
        Self { order, stage: Stage::Beginning { steady: 0 }, frames: 0, lost: 0, base: None, last: None }
    }

    /// The order it was drawn with.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// How many of the turns are done.
    #[must_use]
    pub fn done(&self) -> usize {
        match self.stage {
            Stage::Beginning { .. } | Stage::Broken(_) => 0,
            Stage::Turning { step, .. } => step,
            Stage::Returning { step, .. } => step + 1,
            Stage::Photo => self.order.turns.len(),
        }
    }

    /// What is to be done now.
    #[must_use]
    pub fn hint(&self) -> Hint {
        match self.stage {
            Stage::Turning { step, .. } => Hint::Turn(self.order.turns[step]),
            Stage::Photo => Hint::Photo,
            Stage::Beginning { .. } | Stage::Returning { .. } | Stage::Broken(_) => Hint::Straight,
        }
    }

    /// Judges the next frame. `at_ms` is when it arrived, counted from the challenge's beginning.
    pub fn frame(&mut self, at_ms: u32, seen: &Seen) -> Verdict {
        match self.judge(at_ms, seen) {
            Ok(hint) => Verdict::Go(hint),
            Err(why) => {
                self.stage = Stage::Broken(why);
                Verdict::Broken(why)
            }
        }
    }

    /// Judges the photo that ends it: large, from the same sitting, of the same face, and good enough for the IDEC.
    ///
    /// # Errors
    /// Why it does not.
    pub fn photo(&mut self, at_ms: u32, seen: &Seen) -> Result<(), NoPhoto> {
        match self.stage {
            Stage::Photo => {}
            Stage::Broken(why) => return Err(NoPhoto::Broken(why)),
            _ => return Err(NoPhoto::NotYet),
        }
        let mut faults = gate::faults(seen, Taken::InTheOval);
        if let (Seen::One(now), Some(base)) = (seen, &self.base) {
            let sitting =
                self.last.ok_or(Break::Lost).and_then(|last| follows(last, (at_ms, now), PHOTO_GAP_MS));
            if let Err(why) = sitting.and_then(|()| same(base, now)).and_then(|()| in_time(at_ms)) {
                self.stage = Stage::Broken(why);
                return Err(NoPhoto::Broken(why));
            }
            if now.eyes_open < EYES_SHARE_MIN * base.eyes_open && !faults.contains(&Fault::EyesShut) {
                faults.push(Fault::EyesShut);
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(NoPhoto::Faults(faults)) }
    }

    fn judge(&mut self, at_ms: u32, seen: &Seen) -> Result<Hint, Break> {
        if let Stage::Broken(why) = self.stage {
            return Err(why);
        }
        self.frames += 1;
        if self.frames > FRAMES_MAX {
            return Err(Break::TooMany);
        }
        in_time(at_ms)?;
        let Seen::One(now) = seen else { return self.nobody(seen) };
        self.lost = 0;
        let base = self.base.filter(|_| !matches!(self.stage, Stage::Beginning { .. }));
        if let (Some(base), Some(last)) = (base, self.last) {
            follows(last, (at_ms, now), GAP_MS)?;
            if colours_apart(base.skin, now.skin) > COLOUR_DRIFT_MAX {
                return Err(Break::Another);
            }
        }
        let last = self.last.replace((at_ms, *now));
        match self.stage {
            Stage::Beginning { steady } => Ok(self.begin(at_ms, now, last, steady)),
            Stage::Turning { step, since_ms } => self.turn(at_ms, now, step, since_ms),
            Stage::Returning { step, straight_ms, been } => {
                self.come_back(at_ms, now, step, straight_ms, been)
            }
            Stage::Photo => Ok(Hint::Photo),
            Stage::Broken(why) => Err(why),
        }
    }

    fn nobody(&mut self, seen: &Seen) -> Result<Hint, Break> {
        self.lost += 1;
        if let Stage::Beginning { steady } = &mut self.stage {
            *steady = 0;
            self.lost = 0;
        }
        if self.lost > LOST_MAX {
            return Err(Break::Lost);
        }
        Ok(Hint::Mend(if matches!(seen, Seen::Several) { Fault::Several } else { Fault::Nobody }))
    }

    fn begin(&mut self, at_ms: u32, now: &Measures, last: Option<(u32, Measures)>, steady: u8) -> Hint {
        let wrong = gate::place(now, Taken::InTheOval).first().copied();
        let one_film = last.is_some_and(|last| follows(last, (at_ms, now), GAP_MS).is_ok());
        let steady = if wrong.is_some() { 0 } else { 1 + if one_film { steady } else { 0 } };
        self.stage = Stage::Beginning { steady };
        if let Some(fault) = wrong {
            return Hint::Mend(fault);
        }
        if steady < STEADY {
            return Hint::Straight;
        }
        self.base = Some(*now);
        self.stage = Stage::Turning { step: 0, since_ms: at_ms };
        Hint::Turn(self.order.turns[0])
    }

    fn turn(&mut self, at_ms: u32, now: &Measures, step: usize, since_ms: u32) -> Result<Hint, Break> {
        let asked = self.order.turns[step];
        if self.has(now, asked, &REACHED) {
            self.stage = Stage::Returning { step, straight_ms: None, been: false };
            return Ok(Hint::Straight);
        }
        if TURNS.iter().any(|other| *other != asked && self.has(now, *other, &PLAINLY)) {
            return Err(Break::Other);
        }
        if at_ms.saturating_sub(since_ms) > TURN_MS {
            return Err(Break::Late);
        }
        Ok(Hint::Turn(asked))
    }

    fn come_back(
        &mut self,
        at_ms: u32,
        now: &Measures,
        step: usize,
        straight_ms: Option<u32>,
        been: bool,
    ) -> Result<Hint, Break> {
        if !self.is_straight(now) {
            let plainly = |turn: &Turn| self.has(now, *turn, &PLAINLY);
            if been && TURNS.iter().any(plainly) {
                return Err(Break::Early);
            }
            let asked = self.order.turns[step];
            if TURNS.iter().any(|turn| *turn != asked && plainly(turn)) {
                return Err(Break::Other);
            }
            self.stage = Stage::Returning { step, straight_ms: None, been };
            return Ok(Hint::Straight);
        }
        if let Some(base) = &self.base {
            same(base, now)?;
        }
        let since = straight_ms.unwrap_or(at_ms);
        self.stage = Stage::Returning { step, straight_ms: Some(since), been: true };
        let pause = self.order.pauses_ms.get(step).copied().unwrap_or(*PAUSE_MS.end());
        if straight_ms.is_none() || at_ms.saturating_sub(since) < pause {
            return Ok(Hint::Straight);
        }
        match self.order.turns.get(step + 1) {
            Some(next) => {
                self.stage = Stage::Turning { step: step + 1, since_ms: at_ms };
                Ok(Hint::Turn(*next))
            }
            None => {
                self.stage = Stage::Photo;
                Ok(Hint::Photo)
            }
        }
    }

    fn has(&self, now: &Measures, turn: Turn, reach: &Reach) -> bool {
        let Some(base) = &self.base else { return false };
        match turn {
            Turn::Left => now.yaw - base.yaw >= reach.yaw,
            Turn::Right => base.yaw - now.yaw >= reach.yaw,
            // A head that is turned far reads as tilted: only one that is not can be tilted.
            Turn::Up => now.pitch - base.pitch >= reach.pitch && (now.yaw - base.yaw).abs() < REACHED.yaw,
            Turn::Closer => now.tall() >= reach.times * base.tall(),
        }
    }

    fn is_straight(&self, now: &Measures) -> bool {
        let Some(base) = &self.base else { return false };
        let times = now.tall() / base.tall().max(f32::EPSILON);
        (now.yaw - base.yaw).abs() <= STRAIGHT.yaw
            && (now.pitch - base.pitch).abs() <= STRAIGHT.pitch
            && (1.0 / STRAIGHT.times..=STRAIGHT.times).contains(&times)
    }
}

fn in_time(at_ms: u32) -> Result<(), Break> {
    if at_ms > LIFE_MS { Err(Break::Late) } else { Ok(()) }
}

/// Whether one frame can follow another in one film of one face.
fn follows(
    (then_ms, then): (u32, Measures),
    (now_ms, now): (u32, &Measures),
    gap_ms: u32,
) -> Result<(), Break> {
    if now_ms.saturating_sub(then_ms) > gap_ms {
        return Err(Break::Lost);
    }
    let jumps = [now.yaw - then.yaw, now.pitch - then.pitch, now.roll - then.roll];
    let wall = match (then.around, now.around) {
        (Some(then), Some(now)) => colours_apart(then, now),
        _ => 0.0,
    };
    let one = shared(then.bounds, now.bounds) >= OVERLAP_MIN
        && jumps.iter().all(|jump| jump.abs() <= JUMP_MAX)
        && colours_apart(then.skin, now.skin) <= COLOUR_JUMP_MAX
        && wall <= COLOUR_JUMP_MAX;
    if one { Ok(()) } else { Err(Break::Cut) }
}

/// Whether a face that looks straight ahead is shaped as it was. Tells apart only faces that differ much: the distances
/// across the face, which a nod does not change.
fn same(base: &Measures, now: &Measures) -> Result<(), Break> {
    let apart: f32 = base.shape[..4].iter().zip(&now.shape[..4]).map(|(then, now)| (then - now).abs()).sum();
    if apart <= SHAPE_MAX { Ok(()) } else { Err(Break::Another) }
}

fn colours_apart(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f32>().sqrt()
}

/// Area in common, as a share of the area of both together.
fn shared(a: [f32; 4], b: [f32; 4]) -> f32 {
    let along = |axis: usize| (a[axis + 2].min(b[axis + 2]) - a[axis].max(b[axis])).max(0.0);
    let area = |of: [f32; 4]| (of[2] - of[0]).max(0.0) * (of[3] - of[1]).max(0.0);
    let both = along(0) * along(1);
    both / (area(a) + area(b) - both).max(f32::EPSILON)
}

#[cfg(test)]
mod tests;
