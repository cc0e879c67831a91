//! What is wrong with a photo of a face (Rules cl. 6.a: full face, light background, neutral, mouth closed).
//!
//! The limits were set on the few photos and drawn heads at hand; how often they are wrong about new people is not known.
//! Of expressions only a plain smile is refused; a covered mouth, a mask, glasses are not judged here: the IDEC has to (`docs/handbook/face.md`).

use serde::{Deserialize, Serialize};

use crate::{Measures, Seen, picture::luma};

/// One thing that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// There is no face.
    Nobody,
    /// There is more than one.
    Several,
    /// The face is too far away.
    Far,
    /// The face is too near, or cut off.
    Near,
    /// The face is not in the oval.
    Aside,
    /// The face does not look straight at the camera.
    Turned,
    /// The eyes are shut.
    EyesShut,
    /// The mouth is open.
    MouthOpen,
    /// A plain smile.
    Smiling,
    /// The face is too dark.
    Dark,
    /// The face is too bright.
    Bright,
    /// Half of the face is in the shadow.
    Shadow,
    /// The picture is not sharp.
    Blurred,
    /// The background is not light.
    Background,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 14] = [
        Self::Nobody,
        Self::Several,
        Self::Far,
        Self::Near,
        Self::Aside,
        Self::Turned,
        Self::EyesShut,
        Self::MouthOpen,
        Self::Smiling,
        Self::Dark,
        Self::Bright,
        Self::Shadow,
        Self::Blurred,
        Self::Background,
    ];
}

/// How the photo was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// By our page: three by four, the face in an oval.
    InTheOval,
    /// Somehow: the face may be anywhere, as long as it is whole and large enough.
    Anyhow,
}

/// Height of the face, forehead to chin, in the oval, as a share of the picture's.
pub const OVAL_TALL: std::ops::RangeInclusive<f32> = 0.34..=0.62;
const MIDDLE: [f32; 2] = [0.5, 0.53];
const MIDDLE_OFF_MAX: [f32; 2] = [0.13, 0.15];
/// Between the eyes of a photo taken anyhow, pixels.
const EYES_APART_PX_MIN: f32 = 60.0;
const EDGE: f32 = 0.02;
const YAW_MAX: f32 = 15.0;
const ROLL_MAX: f32 = 15.0;
/// Above the level a head reads as tilted back: the model's forehead lies behind its chin.
const PITCH: std::ops::RangeInclusive<f32> = -13.0..=26.0;
/// Narrow eyes are not shut eyes: whoever was watched for a while is judged by their own ([`crate::challenge`]).
const EYES_OPEN_MIN: f32 = 0.15;
const MOUTH_OPEN_MAX: f32 = 0.09;
/// Relaxed mouths were seen up to 0.65, plain smiles from 0.57 on: only what is wide beyond doubt is refused.
const MOUTH_WIDE_MAX: f32 = 0.69;
const LIGHT: std::ops::RangeInclusive<f32> = 55.0..=238.0;
const SHADOW_MAX: f32 = 0.45;
const SHARPNESS_MIN: f32 = 25.0;
const BACKGROUND_MIN: f32 = 95.0;

/// Everything that is wrong; empty for a good photo.
#[must_use]
pub fn faults(seen: &Seen, taken: Taken) -> Vec<Fault> {
    let of = match seen {
        Seen::Nobody => return vec![Fault::Nobody],
        Seen::Several => return vec![Fault::Several],
        Seen::One(measures) => measures,
    };
    let mut faults = place(of, taken);
    let judged = [
        (Fault::EyesShut, of.eyes_open < EYES_OPEN_MIN),
        (Fault::MouthOpen, of.mouth_open > MOUTH_OPEN_MAX),
        (Fault::Smiling, of.mouth_wide > MOUTH_WIDE_MAX),
        (Fault::Shadow, of.shadow > SHADOW_MAX),
        (Fault::Blurred, of.sharpness < SHARPNESS_MIN),
        (Fault::Background, of.around.is_some_and(|colour| luma(colour) < BACKGROUND_MIN)),
    ];
    faults.extend(judged.into_iter().filter(|(_, wrong)| *wrong).map(|(fault, _)| fault));
    faults
}

/// What is wrong with where the face is and how it is lit: what a small picture shows.
pub(crate) fn place(of: &Measures, taken: Taken) -> Vec<Fault> {
    let [left, top, right, bottom] = of.bounds;
    let cut = left < EDGE || top < EDGE || right > 1.0 - EDGE || bottom > 1.0 - EDGE;
    let (far, near, aside) = match taken {
        Taken::Anyhow => (of.eyes_apart_px < EYES_APART_PX_MIN, cut, false),
        Taken::InTheOval => {
            let off = [0, 1].map(|axis| (of.middle()[axis] - MIDDLE[axis]).abs() > MIDDLE_OFF_MAX[axis]);
            (of.tall() < *OVAL_TALL.start(), cut || of.tall() > *OVAL_TALL.end(), off[0] || off[1])
        }
    };
    let turned = of.yaw.abs() > YAW_MAX || of.roll.abs() > ROLL_MAX || !PITCH.contains(&of.pitch);
    let judged = [
        (Fault::Far, far),
        (Fault::Near, near),
        (Fault::Aside, aside),
        (Fault::Turned, turned),
        (Fault::Dark, of.light < *LIGHT.start()),
        (Fault::Bright, of.light > *LIGHT.end()),
    ];
    judged.into_iter().filter(|(_, wrong)| *wrong).map(|(fault, _)| fault).collect()
}

#[cfg(test)]
mod tests;
