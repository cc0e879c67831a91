//! What the fuzz targets ask: any bytes become an input for `quote` or `replay`.

pub mod plausible;
