//! try
use face::testing::*;
fn main() {
    let models = std::fs::read(std::env::var("FACE_MODELS").unwrap()).unwrap();
    let eyes = face::Eyes::read(&models).unwrap();
    let show = |name: &str, p: &face::Picture| match eyes.look(p) {
        face::Seen::One(m) => println!(
            "{name:22} yaw {:6.1} pitch {:6.1} roll {:6.1} mouth {:.3}/{:.3} eyes {:.3} px {:5.1} light {:5.1} shadow {:.2} sharp {:6.1} bg {:5.1} sure {:.3} b {:.2?} shape {:.3?}",
            m.yaw,
            m.pitch,
            m.roll,
            m.mouth_open,
            m.mouth_wide,
            m.eyes_open,
            m.eyes_apart_px,
            m.light,
            m.shadow,
            m.sharpness,
            m.background,
            m.sure,
            m.bounds,
            m.shape
        ),
        s => println!("{name:22} {s:?}"),
    };
    let save = |name: &str, p: &face::Picture| {
        image::RgbImage::from_raw(p.width() as u32, p.height() as u32, p.rgb().to_vec())
            .unwrap()
            .save(format!("/tmp/face/{name}.png"))
            .unwrap();
    };
    for person in 0..5u8 {
        let h = Head { person, ..Head::default() };
        let p = h.draw(480, 640);
        save(&format!("person{person}"), &p);
        show(&format!("person {person}"), &p);
        show(&format!("person {person} small"), &h.draw(240, 320));
    }
    for yaw in [-40, -30, -24, -18, -12, -6, 0, 6, 12, 18, 24, 30, 40] {
        let p = Head { yaw: yaw as f32, ..Head::default() }.draw(240, 320);
        show(&format!("yaw {yaw}"), &p);
        if yaw == 30 {
            save("yaw30", &p)
        }
    }
    for pitch in [-30, -20, -10, 0, 10, 15, 20, 25, 30] {
        let p = Head { pitch: pitch as f32, ..Head::default() }.draw(240, 320);
        show(&format!("pitch {pitch}"), &p);
        if pitch == 20 {
            save("pitch20", &p)
        }
    }
    for mouth in [0.0, 0.2, 0.4, 0.7, 1.0] {
        show(&format!("mouth {mouth}"), &Head { mouth, ..Head::default() }.draw(480, 640));
    }
    for e in [0.0, 0.2, 0.5, 0.7, 1.0] {
        show(&format!("eyes {e}"), &Head { eyes: e, ..Head::default() }.draw(480, 640));
    }
    for size in [0.3, 0.4, 0.5, 0.7, 0.8, 0.9] {
        show(&format!("size {size}"), &Head { size, ..Head::default() }.draw(240, 320));
    }
    let front = Head::default().draw(240, 320);
    for a in [-50, -35, -20, 0, 20, 35, 50] {
        let p = card(&front, a as f32, 0.0);
        if a == 35 {
            save("card35", &p)
        };
        show(&format!("card yaw {a}"), &p);
    }
    for a in [-50, -35, -20, 0, 20, 35, 50] {
        show(&format!("card pitch {a}"), &card(&front, 0.0, a as f32));
    }
}
