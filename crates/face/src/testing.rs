//! A head to try things on: ellipsoids, drawn from any side. Nobody's photo is needed, and none is kept.

use crate::{
    Measures,
    challenge::{Course, Hint, Turn, Verdict},
    picture::{Picture, real},
};

/// Who is drawn, and how they hold their head.
#[derive(Clone, Copy, Debug)]
pub struct Head {
    /// Turned to their left, degrees.
    pub yaw: f32,
    /// Tilted back, degrees.
    pub pitch: f32,
    /// Leaning to their left shoulder, degrees.
    pub roll: f32,
    /// Height of the head as a share of the picture's.
    pub size: f32,
    /// Where its middle is, as shares of the picture's width and height.
    pub at: [f32; 2],
    /// How far the mouth is open, 0 to 1.
    pub mouth: f32,
    /// How far the eyes are open, 0 to 1.
    pub eyes: f32,
    /// Who: 0 to 4.
    pub person: u8,
    /// Light, 1 is enough.
    pub light: f32,
    /// Colour behind.
    pub background: [u8; 3],
}

impl Default for Head {
    fn default() -> Self {
        Self {
            yaw: 0.0,
            pitch: 0.0,
            roll: 0.0,
            size: 0.62,
            at: [0.5, 0.47],
            mouth: 0.0,
            eyes: 1.0,
            person: 0,
            light: 1.0,
            background: [222, 226, 230],
        }
    }
}

type V = [f32; 3];

/// A person's looks: breadth, half the distance between the eyes, nose, mouth, skin, hair, shirt.
struct Looks {
    broad: f32,
    eyes: f32,
    nose: f32,
    mouth: f32,
    skin: V,
    hair: V,
    shirt: V,
}

const PEOPLE: [Looks; 5] = [
    Looks {
        broad: 0.76,
        eyes: 0.30,
        nose: 0.10,
        mouth: 0.27,
        skin: [229., 184., 148.],
        hair: [42., 34., 30.],
        shirt: [51., 88., 92.],
    },
    Looks {
        broad: 0.84,
        eyes: 0.34,
        nose: 0.15,
        mouth: 0.33,
        skin: [201., 146., 106.],
        hair: [20., 18., 20.],
        shirt: [120., 60., 60.],
    },
    Looks {
        broad: 0.70,
        eyes: 0.27,
        nose: 0.08,
        mouth: 0.22,
        skin: [244., 210., 188.],
        hair: [140., 96., 50.],
        shirt: [70., 70., 120.],
    },
    Looks {
        broad: 0.80,
        eyes: 0.28,
        nose: 0.14,
        mouth: 0.24,
        skin: [160., 110., 80.],
        hair: [15., 12., 12.],
        shirt: [200., 190., 90.],
    },
    Looks {
        broad: 0.73,
        eyes: 0.33,
        nose: 0.07,
        mouth: 0.32,
        skin: [236., 196., 170.],
        hair: [90., 60., 40.],
        shirt: [60., 120., 60.],
    },
];

impl Head {
    /// Draws it.
    ///
    /// # Panics
    /// When the size is not a picture's.
    #[must_use]
    #[allow(clippy::expect_used, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    pub fn draw(&self, width: usize, height: usize) -> Picture {
        let looks = &PEOPLE[usize::from(self.person) % PEOPLE.len()];
        let unit = self.size * real(height) / 2.0;
        let mut rgb = Vec::with_capacity(width * height * 3);
        for at in 0..width * height {
            // Four rays a pixel, so that edges are as soft as a camera's.
            let rays = [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)];
            let seen = rays.map(|(dx, dy)| {
                let x = (real(at % width) + dx - self.at[0] * real(width)) / unit;
                let y = (real(at / width) + dy - self.at[1] * real(height)) / unit;
                self.ray(looks, x, y)
            });
            rgb.extend([0, 1, 2].map(|c| {
                (seen.iter().map(|s| s[c]).sum::<f32>() / 4.0 * self.light).clamp(0.0, 255.0) as u8
            }));
        }
        Picture::new(width, height, rgb).expect("a picture's size")
    }

    /// What is seen straight ahead at a point; the head's half height is 1.
    fn ray(&self, looks: &Looks, x: f32, y: f32) -> V {
        let (sin, cos) = (-self.roll.to_radians()).sin_cos();
        let (x, y) = (x * cos - y * sin, x * sin + y * cos);
        let from = self.heads([x, y, 4.0]);
        let along = self.heads([0.0, 0.0, -1.0]);
        let nose = ([0.0, 0.22, 0.80], [looks.nose, 0.24, 0.22]);
        let skull = ([0.0, 0.0, 0.0], [looks.broad, 1.0, 0.86]);
        let ears = [-1.0, 1.0].map(|side| ([side * looks.broad, 0.1, -0.1], [0.08, 0.2, 0.13]));
        let brow = ([0.0, -0.22, 0.72], [0.48, 0.09, 0.10]);
        let chin = ([0.0, 0.80, 0.40], [0.28, 0.16, 0.22]);
        let parts = [skull, nose, ears[0], ears[1], brow, chin];
        let hits = parts.iter().enumerate().filter_map(|(part, (middle, radii))| {
            let (far, point) = hit(from, along, *middle, *radii)?;
            let normal = [0, 1, 2].map(|axis| (point[axis] - middle[axis]) / (radii[axis] * radii[axis]));
            Some((far, part, point, unit(normal)))
        });
        let nearest = hits.min_by(|a, b| a.0.total_cmp(&b.0));
        let Some((_, part, point, normal)) = nearest else { return self.behind(looks, x, y) };
        let colour = if part == 1 { shade(looks.skin, 0.97) } else { self.paint(looks, point) };
        // Light from above and a little from the side, the same whichever way the head is turned.
        let light = self.heads(unit([0.25, -0.55, 1.0]));
        let lit = 0.62 + 0.42 * (0..3).map(|axis| normal[axis] * light[axis]).sum::<f32>().max(0.0);
        shade(colour, lit)
    }

    /// Neck, shoulders, wall.
    fn behind(&self, looks: &Looks, x: f32, y: f32) -> V {
        let shoulders = 1.35 + 0.35 * (x / 1.4).powi(2);
        if y > shoulders {
            looks.shirt
        } else if y > 0.5 && x.abs() < 0.36 {
            shade(looks.skin, 0.75)
        } else {
            self.background.map(f32::from)
        }
    }

    /// The colour of a point of the skull, by where it is on the front.
    fn paint(&self, looks: &Looks, [x, y, z]: V) -> V {
        let oval =
            |cx: f32, cy: f32, rx: f32, ry: f32| ((x - cx) / rx).powi(2) + ((y - cy) / ry).powi(2) < 1.0;
        let line = -0.52 - 0.12 * (1.0 - (x / looks.broad).powi(2)).max(0.0);
        if z < -0.05 && y < 0.45 || y < line || (x.abs() > 0.93 * looks.broad && y < 0.05) {
            return looks.hair;
        }
        if z < 0.0 {
            return looks.skin;
        }
        for side in [-1.0, 1.0] {
            let eye = side * looks.eyes;
            if oval(eye, -0.05, 0.135, 0.065 * self.eyes.max(0.02)) {
                let iris = ((x - eye) / 0.055).powi(2) + ((y + 0.05) / 0.055).powi(2);
                return if iris < 0.25 {
                    [15., 12., 12.]
                } else if iris < 1.0 {
                    [70., 50., 38.]
                } else {
                    [240., 238., 235.]
                };
            }
            if oval(eye, -0.05, 0.15, 0.085) {
                return shade(looks.skin, 0.86);
            }
            let brow = -0.22 + 0.5 * (x - eye).powi(2);
            if (x - eye).abs() < 0.19 && (y - brow).abs() < 0.028 {
                return looks.hair;
            }
        }
        let open = 0.16 * self.mouth;
        if oval(0.0, 0.52, looks.mouth * 0.8, open.max(0.001)) {
            return [60., 20., 24.];
        }
        if oval(0.0, 0.52, looks.mouth, 0.055 + open) {
            return if (y - 0.52).abs() < 0.010 { [120., 50., 48.] } else { [188., 96., 92.] };
        }
        if oval(0.0, 0.30, looks.nose * 1.3, 0.035) {
            return shade(looks.skin, 0.72);
        }
        looks.skin
    }

    /// From the camera's directions into the head's.
    fn heads(&self, [x, y, z]: V) -> V {
        let (sin, cos) = self.pitch.to_radians().sin_cos();
        let (y, z) = (y * cos + z * sin, z * cos - y * sin);
        let (sin, cos) = self.yaw.to_radians().sin_cos();
        [x * cos - z * sin, y, x * sin + z * cos]
    }
}

/// Where a ray first meets an ellipsoid.
fn hit(from: V, along: V, middle: V, radii: V) -> Option<(f32, V)> {
    let o = [0, 1, 2].map(|axis| (from[axis] - middle[axis]) / radii[axis]);
    let d = [0, 1, 2].map(|axis| along[axis] / radii[axis]);
    let dot = |a: V, b: V| (0..3).map(|axis| a[axis] * b[axis]).sum::<f32>();
    let (a, b, c) = (dot(d, d), dot(o, d), dot(o, o) - 1.0);
    let root = b * b - a * c;
    if root < 0.0 {
        return None;
    }
    let far = (-b - root.sqrt()) / a;
    Some((far, [0, 1, 2].map(|axis| from[axis] + far * along[axis])))
}

fn unit(v: V) -> V {
    let length = v.iter().map(|part| part * part).sum::<f32>().sqrt().max(f32::EPSILON);
    v.map(|part| part / length)
}

fn shade(colour: V, share: f32) -> V {
    colour.map(|part| (part * share).min(255.0))
}

impl Head {
    /// What would be measured of it, without drawing it.
    #[must_use]
    pub fn measures(&self) -> Measures {
        let looks = &PEOPLE[usize::from(self.person) % PEOPLE.len()];
        let (tall, wide) = (self.size * 0.73, self.size * 0.73);
        let [x, y] = [self.at[0], self.at[1] + 0.06];
        let skin = looks.skin.map(|part| part * 0.87 * self.light);
        let broad = looks.broad / looks.eyes;
        Measures {
            sure: 1.0,
            bounds: [x - wide / 2.0, y - tall / 2.0, x + wide / 2.0, y + tall / 2.0],
            eyes_apart_px: 180.0 * self.size,
            yaw: self.yaw,
            pitch: self.pitch,
            roll: self.roll,
            mouth_open: 0.02 + 0.2 * self.mouth,
            mouth_wide: 0.64 * looks.mouth / looks.eyes, // as the mesh reads it: corners do not show
            eyes_open: 0.05 + 0.22 * self.eyes,
            light: crate::picture::luma(skin),
            shadow: 0.05,
            sharpness: 300.0,
            skin,
            around: Some(self.background.map(f32::from)),
            shape: [0.37, 0.42 + looks.nose / 10.0, broad * 0.62, broad * 0.5, 0.48, 0.68, 0.46],
        }
    }

    /// The head as somebody holds it who does what they are told, some way on from how they hold it now.
    #[must_use]
    pub fn obeying(&self, hint: Hint, from: &Self) -> Self {
        let mut aim = *from;
        match hint {
            Hint::Turn(Turn::Left) => aim.yaw += 27.0,
            Hint::Turn(Turn::Right) => aim.yaw -= 27.0,
            Hint::Turn(Turn::Up) => aim.pitch += 22.0,
            Hint::Turn(Turn::Closer) => aim.size *= 1.4,
            Hint::Straight | Hint::Photo | Hint::Mend(_) => {}
        }
        let part = |now: f32, aim: f32| now + (aim - now) * 0.6;
        Self {
            yaw: part(self.yaw, aim.yaw),
            pitch: part(self.pitch, aim.pitch),
            size: part(self.size, aim.size),
            ..*self
        }
    }
}

/// Lets somebody do as they are told, four frames a second, until the photo or the end. `see` makes a frame of a head.
pub fn obey(course: &mut Course, from: Head, mut see: impl FnMut(&Head) -> crate::Seen) -> (u32, Verdict) {
    let (mut head, mut at_ms) = (from, 0);
    loop {
        at_ms += 250;
        match course.frame(at_ms, &see(&head)) {
            Verdict::Go(hint) if hint != Hint::Photo => head = head.obeying(hint, &from),
            verdict => return (at_ms, verdict),
        }
    }
}

/// A picture printed on a card that is held into the camera and turned about its upright middle.
///
/// # Panics
/// Never: the size stays.
#[must_use]
#[allow(clippy::expect_used, clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub fn card(printed: &Picture, yaw: f32, pitch: f32) -> Picture {
    let (width, height) = (printed.width(), printed.height());
    let (w, h) = printed.size();
    let (sy, cy) = yaw.to_radians().sin_cos();
    let (sp, cp) = pitch.to_radians().sin_cos();
    let mut rgb = Vec::with_capacity(width * height * 3);
    for at in 0..width * height {
        // The camera is two heights away. What is seen at (x, y) is where its ray meets the card's plane.
        let (x, y) = ((real(at % width) + 0.5 - w / 2.0) / h, (real(at / width) + 0.5 - h / 2.0) / h);
        let eye = 2.0;
        // Plane through 0 with these directions on the card; z towards the camera.
        let (u, v) = ([cy, sy * sp, -sy * cp], [0.0, cp, sp]);
        let n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]];
        let t = n[2] * eye / (n[2] * eye - n[0] * x - n[1] * y);
        let point = [x * t, y * t, eye - eye * t];
        let on = |axis: V| (0..3).map(|i| point[i] * axis[i]).sum::<f32>();
        let (px, py) = (on(u) * h + w / 2.0, on(v) * h + h / 2.0);
        let [left, top] = [px - 0.5, py - 0.5];
        let inside = px >= 0.0 && py >= 0.0 && px < w && py < h;
        let colour =
            if inside { printed.colours([left, top, left + 1.0, top + 1.0], 1, 1).next() } else { None };
        rgb.extend(colour.unwrap_or([90.0; 3]).map(|part| part.clamp(0.0, 255.0) as u8));
    }
    Picture::new(width, height, rgb).expect("the same size")
}
