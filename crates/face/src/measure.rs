//! What is measured of one face in one picture.

use serde::{Deserialize, Serialize};

use crate::{
    mesh::{self, Mesh},
    picture::{Picture, luma, real},
};

/// Numbers of a face that is shaped alike however far it is from the camera.
pub const SHAPE: usize = 7;

/// What was measured. Kept as evidence: it says nothing by which the person could be drawn or found.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// How sure the model is that this is a face, 0 to 1.
    pub sure: f32,
    /// Left, top, right and bottom edge of the face, as shares of the picture's width and height.
    pub bounds: [f32; 4],
    /// Between the outer corners of the eyes, pixels.
    pub eyes_apart_px: f32,
    /// Turned to the person's left, degrees.
    pub yaw: f32,
    /// Tilted back, degrees; a level head reads as anything from −10 to +15.
    pub pitch: f32,
    /// Leaning to the person's left shoulder, degrees.
    pub roll: f32,
    /// Between the lips, as a share of the mouth's width.
    pub mouth_open: f32,
    /// Mouth's width as a share of the distance between the eyes.
    pub mouth_wide: f32,
    /// Height of the less open eye, as a share of its width.
    pub eyes_open: f32,
    /// Brightness of the face, 0 to 255.
    pub light: f32,
    /// How much the darker half of the face is darker than the other, as a share.
    pub shadow: f32,
    /// How sharp the face is: variance of the Laplacian of its brightness at 160 pixels.
    pub sharpness: f32,
    /// Red, green and blue of the face, 0 to 255.
    pub skin: [f32; 3],
    /// Red, green and blue beside the head, 0 to 255; nothing where the face fills the picture.
    pub around: Option<[f32; 3]>,
    /// Distances within the face, as shares of that between the eyes.
    pub shape: [f32; SHAPE],
}

impl Measures {
    pub(crate) fn of(mesh: &Mesh, picture: &Picture) -> Self {
        let [yaw, pitch, roll] = mesh.pose();
        let (width, height) = picture.size();
        let [left, top, right, bottom] = mesh.bounds();
        let eyes = mesh.apart(mesh::EYES).max(f32::EPSILON);
        let mouth = mesh.apart(mesh::MOUTH).max(f32::EPSILON);
        let inner = {
            let (x, y) = ((right - left) * 0.15, (bottom - top) * 0.2);
            [left + x, top + y, right - x, bottom - y]
        };
        let skin = mean(picture.colours(inner, 32, 32)).unwrap_or_default();
        let around = beside([left, top, right, bottom], picture);
        Self {
            sure: mesh.sure,
            bounds: [left / width, top / height, right / width, bottom / height],
            eyes_apart_px: eyes,
            yaw,
            pitch,
            roll,
            mouth_open: mesh.apart(mesh::LIPS) / mouth,
            mouth_wide: mouth / eyes,
            eyes_open: mesh::LIDS.map(|lids| openness(mesh, lids)).into_iter().fold(f32::INFINITY, f32::min),
            light: luma(skin),
            shadow: shadow(inner, picture),
            sharpness: sharpness([left, top, right, bottom], picture),
            skin,
            around,
            shape: shape(mesh, eyes),
        }
    }

    /// The middle of the face, as shares of the picture's width and height.
    #[must_use]
    pub fn middle(&self) -> [f32; 2] {
        let [left, top, right, bottom] = self.bounds;
        [f32::midpoint(left, right), f32::midpoint(top, bottom)]
    }

    /// Height of the face, forehead to chin, as a share of the picture's.
    #[must_use]
    pub fn tall(&self) -> f32 {
        self.bounds[3] - self.bounds[1]
    }
}

fn openness(mesh: &Mesh, [corner, other, up1, low1, up2, low2]: [usize; 6]) -> f32 {
    (mesh.apart([up1, low1]) + mesh.apart([up2, low2]))
        / (2.0 * mesh.apart([corner, other])).max(f32::EPSILON)
}

fn shape(mesh: &Mesh, eyes: f32) -> [f32; SHAPE] {
    let lines = [
        mesh::INNER_EYES,
        mesh::NOSE_WINGS,
        mesh::EDGES,
        mesh::JAW,
        [mesh::NOSE_ROOT, mesh::NOSE_BASE],
        [mesh::NOSE_BASE, mesh::CHIN],
        [mesh::FOREHEAD, mesh::NOSE_ROOT],
    ];
    lines.map(|line| mesh.apart(line) / eyes)
}

fn mean(colours: impl Iterator<Item = [f32; 3]>) -> Option<[f32; 3]> {
    let mut count = 0;
    let mut sum = [0.0; 3];
    for colour in colours {
        count += 1;
        for (sum, part) in sum.iter_mut().zip(colour) {
            *sum += part;
        }
    }
    (count > 0).then(|| sum.map(|sum| sum / real(count)))
}

/// The colour left and right of the head, above the shoulders, as far as the picture goes.
fn beside([left, top, right, bottom]: [f32; 4], picture: &Picture) -> Option<[f32; 3]> {
    let (width, height) = picture.size();
    let (wide, tall) = (right - left, bottom - top);
    let (from, to) = ((top - 0.1 * tall).max(0.0), (top + 0.5 * tall).min(height));
    let strips = [[left - 0.6 * wide, left - 0.25 * wide], [right + 0.25 * wide, right + 0.6 * wide]];
    let strips = strips.map(|[a, b]| [a.clamp(0.0, width), b.clamp(0.0, width)]);
    let seen = strips.into_iter().filter(|[a, b]| b - a >= 2.0 && to - from >= 2.0);
    mean(seen.flat_map(|[a, b]| picture.colours([a, from, b, to], 12, 16)))
}

fn shadow([left, top, right, bottom]: [f32; 4], picture: &Picture) -> f32 {
    let middle = f32::midpoint(left, right);
    let halves = [[left, top, middle, bottom], [middle, top, right, bottom]];
    let [a, b] = halves.map(|half| luma(mean(picture.colours(half, 16, 32)).unwrap_or_default()));
    1.0 - a.min(b) / a.max(b).max(1.0)
}

fn sharpness(bounds: [f32; 4], picture: &Picture) -> f32 {
    const SIDE: usize = 160;
    let seen = picture.luma(bounds, SIDE, SIDE);
    let at = |x: usize, y: usize| seen[y * SIDE + x];
    let inside = (1..SIDE - 1).flat_map(|y| (1..SIDE - 1).map(move |x| (x, y)));
    let edges: Vec<f32> = inside
        .map(|(x, y)| at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1) - 4.0 * at(x, y))
        .collect();
    let mean = edges.iter().sum::<f32>() / real(edges.len());
    edges.iter().map(|edge| (edge - mean).powi(2)).sum::<f32>() / real(edges.len())
}
