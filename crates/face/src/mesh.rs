//! The face's points: `FaceMesh`, 468 points in 192 by 192 pixels, and what they say.

use crate::{
    network::Network,
    picture::{Picture, Square},
};

const SIDE: usize = 192;

/// Where a point is, pixels; the third is depth, in pixels too, smaller is nearer.
pub(crate) type Point = [f32; 3];

/// The points of one face, and how sure the model is that they are of a face, 0 to 1.
pub(crate) struct Mesh {
    pub(crate) points: Vec<Point>,
    pub(crate) sure: f32,
}

// The points that are used, by their number in the model.
pub(crate) const FOREHEAD: usize = 10;
pub(crate) const CHIN: usize = 152;
/// The face's edges before the ears: the person's right, left.
pub(crate) const EDGES: [usize; 2] = [234, 454];
/// Outer corners of the eyes: the person's right, left.
pub(crate) const EYES: [usize; 2] = [33, 263];
pub(crate) const INNER_EYES: [usize; 2] = [133, 362];
/// Of each eye: corner, corner, and two pairs of upper and lower lid.
pub(crate) const LIDS: [[usize; 6]; 2] = [[33, 133, 160, 144, 158, 153], [362, 263, 385, 380, 387, 373]];
pub(crate) const LIPS: [usize; 2] = [13, 14];
pub(crate) const MOUTH: [usize; 2] = [61, 291];
pub(crate) const NOSE_ROOT: usize = 168;
pub(crate) const NOSE_BASE: usize = 2;
pub(crate) const NOSE_WINGS: [usize; 2] = [129, 358];
pub(crate) const JAW: [usize; 2] = [172, 397];

impl Mesh {
    /// Looks for the points in a square, and then once more in the square that they themselves make: steadier.
    pub(crate) fn of(model: &Network, picture: &Picture, square: Square) -> Option<Self> {
        let first = Self::once(model, picture, square)?;
        let again = first.square();
        Self::once(model, picture, again)
    }

    fn once(model: &Network, picture: &Picture, square: Square) -> Option<Self> {
        let outputs = model.run(picture.cut(square, SIDE, [0.0, 1.0]));
        let [points, flag] = &outputs[..] else { return None };
        let scale = square.side / crate::picture::real(SIDE);
        let point = |numbers: &[f32]| {
            let [x, y] = square.back(numbers[0], numbers[1], SIDE);
            [x, y, numbers[2] * scale]
        };
        let sure = 1.0 / (1.0 + (-flag.data.first()?).exp());
        let points: Vec<Point> = points.data.chunks_exact(3).map(point).collect();
        (points.len() == 468).then_some(Self { points, sure })
    }

    /// Left, top, right, bottom.
    pub(crate) fn bounds(&self) -> [f32; 4] {
        let edge = |axis: usize, pick: fn(f32, f32) -> f32, from: f32| {
            self.points.iter().map(|point| point[axis]).fold(from, pick)
        };
        [
            edge(0, f32::min, f32::INFINITY),
            edge(1, f32::min, f32::INFINITY),
            edge(0, f32::max, f32::NEG_INFINITY),
            edge(1, f32::max, f32::NEG_INFINITY),
        ]
    }

    fn square(&self) -> Square {
        let [left, top, right, bottom] = self.bounds();
        let [a, b] = EYES.map(|eye| self.points[eye]);
        Square {
            x: f32::midpoint(left, right),
            y: f32::midpoint(top, bottom),
            side: (right - left).max(bottom - top) * 1.5,
            turned: (b[1] - a[1]).atan2(b[0] - a[0]),
        }
    }

    /// Distance in the picture, pixels.
    pub(crate) fn apart(&self, [a, b]: [usize; 2]) -> f32 {
        let (a, b) = (self.points[a], self.points[b]);
        (a[0] - b[0]).hypot(a[1] - b[1])
    }

    /// How far the head is turned to the person's left, tilted back, and leaning to the person's left shoulder, degrees.
    pub(crate) fn pose(&self) -> [f32; 3] {
        let line = |[a, b]: [usize; 2]| [0, 1, 2].map(|axis| self.points[b][axis] - self.points[a][axis]);
        let across = line(EDGES);
        let down = line([FOREHEAD, CHIN]);
        let eyes = line(EYES);
        let yaw = across[2].atan2(across[0].hypot(across[1]));
        let pitch = -down[2].atan2(down[0].hypot(down[1]));
        let roll = eyes[1].atan2(eyes[0]);
        [yaw, pitch, roll].map(f32::to_degrees)
    }
}
