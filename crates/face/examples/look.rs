fn main() {
    let models = std::fs::read(std::env::var("FACE_MODELS").unwrap()).unwrap();
    let eyes = face::Eyes::read(&models).unwrap();
    for path in std::env::args().skip(1) {
        let image = image::open(&path).unwrap().into_rgb8();
        let (w, h) = image.dimensions();
        let picture = face::Picture::new(w as usize, h as usize, image.into_raw()).unwrap();
        let start = std::time::Instant::now();
        let seen = eyes.look(&picture);
        println!("{path} {:?}\n  {seen:.3?}", start.elapsed());
    }
}
