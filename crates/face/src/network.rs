//! Running a `.tflite` file: the ten operations that our two models are made of, and nothing else.
//!
//! One picture at a time, one thread, channels innermost. The files hold their weights in half precision behind a
//! `DEQUANTIZE`, which runtimes in Rust do not load (ADR 0013); here they are widened once, when the file is read.

use crate::flat::{Table, Vector};

/// What flows between operations.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tensor {
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) channels: usize,
    pub(crate) data: Vec<f32>,
}

impl Tensor {
    pub(crate) fn new(height: usize, width: usize, channels: usize) -> Self {
        Self { height, width, channels, data: vec![0.0; height * width * channels] }
    }

    fn row(&self, y: usize) -> &[f32] {
        let length = self.width * self.channels;
        &self.data[y * length..(y + 1) * length]
    }

    fn pixel(&self, y: usize, x: usize) -> &[f32] {
        &self.row(y)[x * self.channels..(x + 1) * self.channels]
    }
}

/// A model, ready to run.
pub(crate) struct Network {
    steps: Vec<Step>,
    tensors: usize,
    input: usize,
    input_shape: [usize; 3],
    outputs: Vec<usize>,
}

struct Step {
    what: Operation,
    inputs: Vec<usize>,
    output: usize,
}

enum Operation {
    Convolution(Filter),
    Depthwise(Filter),
    LeakySlope(Vec<f32>),
    Positive,
    Add,
    Largest(Window),
    MoreChannels(usize),
    Join,
    Reshape,
}

/// Where a filter looks: its size, its steps, and whether it goes over the edge.
#[derive(Clone, Copy)]
struct Window {
    height: usize,
    width: usize,
    step: usize,
    over_the_edge: bool,
}

struct Filter {
    window: Window,
    outputs: usize,
    /// Convolution: blocks of [`LANES`] outputs, within a block by input, within an input by output.
    /// Depthwise: by place, within it by channel.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

/// Outputs and places computed at once: what fits into the registers.
const LANES: usize = 8;
const PLACES: usize = 4;

// Codes of the format's schema: operators, and the tensor types that occur.
const ADD: i32 = 0;
const CONCATENATION: i32 = 2;
const CONV_2D: i32 = 3;
const DEPTHWISE_CONV_2D: i32 = 4;
const DEQUANTIZE: i32 = 6;
const MAX_POOL_2D: i32 = 17;
const RELU: i32 = 19;
const RESHAPE: i32 = 22;
const PAD: i32 = 34;
const PRELU: i32 = 54;
const FLOAT32: u8 = 0;
const FLOAT16: u8 = 1;

impl Network {
    /// Reads a file. `None`: it is not one of these models.
    pub(crate) fn read(file: &[u8]) -> Option<Self> {
        let root = Table::root(file)?;
        let codes = root.vector(1).tables().map(|code| Some(i32::from(code?.byte(0)).max(code?.int(3))));
        let codes: Vec<i32> = codes.collect::<Option<_>>()?;
        let graph = root.vector(2).tables().next()??;
        let buffers: Vec<Table<'_>> = root.vector(4).tables().collect::<Option<_>>()?;
        let given = graph.vector(0).tables().map(|tensor| Given::read(tensor?, &buffers));
        let mut given: Vec<Given> = given.collect::<Option<_>>()?;
        let mut steps = Vec::new();
        for operator in graph.vector(3).tables() {
            let operator = operator?;
            let inputs = indices(operator.vector(1))?;
            let output = *indices(operator.vector(2))?.first()?;
            let code = *codes.get(usize::try_from(operator.int(0)).ok()?)?;
            if code == DEQUANTIZE {
                let widened = given.get_mut(*inputs.first()?)?.values.take()?;
                given.get_mut(output)?.values = Some(widened);
                continue;
            }
            let step = step(code, operator.table(4), &inputs, output, &given)?;
            steps.push(step);
        }
        let input = *indices(graph.vector(1))?.first()?;
        let [_, height, width, channels] = given.get(input)?.shape[..] else { return None };
        let outputs = indices(graph.vector(2))?;
        Some(Self { steps, tensors: given.len(), input, input_shape: [height, width, channels], outputs })
    }

    /// Its outputs, in the file's order, for an input of the file's shape.
    pub(crate) fn run(&self, input: Tensor) -> Vec<Tensor> {
        debug_assert_eq!([input.height, input.width, input.channels], self.input_shape);
        let mut at: Vec<Tensor> = vec![Tensor::default(); self.tensors];
        at[self.input] = input;
        for step in &self.steps {
            let first = &at[step.inputs[0]];
            let made = match &step.what {
                Operation::Convolution(filter) => convolution(first, filter),
                Operation::Depthwise(filter) => depthwise(first, filter),
                Operation::LeakySlope(slope) => leaky(first, slope),
                Operation::Positive => each(first, |value| value.max(0.0)),
                Operation::Add => add(first, &at[step.inputs[1]]),
                Operation::Largest(window) => largest(first, *window),
                Operation::MoreChannels(more) => more_channels(first, *more),
                Operation::Join => join(step.inputs.iter().map(|&input| &at[input])),
                Operation::Reshape => first.clone(),
            };
            at[step.output] = made;
        }
        self.outputs.iter().map(|&output| std::mem::take(&mut at[output])).collect()
    }
}

/// A tensor as the file gives it.
struct Given {
    shape: Vec<usize>,
    values: Option<Vec<f32>>,
    ints: Option<Vec<i32>>,
}

impl Given {
    fn read(tensor: Table<'_>, buffers: &[Table<'_>]) -> Option<Self> {
        let shape = indices(tensor.vector(0))?;
        let buffer = buffers.get(usize::try_from(tensor.int(2)).ok()?)?;
        let raw = buffer.vector(0).raw()?;
        let words = raw.chunks_exact(4).map(|b| [b[0], b[1], b[2], b[3]]);
        let (values, ints) = match tensor.byte(1) {
            _ if raw.is_empty() => (None, None),
            FLOAT32 => (Some(words.map(f32::from_le_bytes).collect()), None),
            FLOAT16 => (Some(raw.chunks_exact(2).map(|b| widened([b[0], b[1]])).collect()), None),
            _ => (None, Some(words.map(i32::from_le_bytes).collect())),
        };
        Some(Self { shape, values, ints })
    }
}

/// IEEE 754 half precision, widened. Infinities do not occur in weights and are read as large numbers.
fn widened(bytes: [u8; 2]) -> f32 {
    let bits = u32::from(u16::from_le_bytes(bytes));
    let (sign, exponent, fraction) = (bits >> 15 << 31, bits >> 10 & 0x1f, bits & 0x3ff);
    if exponent == 0 {
        let tiny = f32::from(u16::from_le_bytes(bytes) & 0x3ff) / 16_777_216.0;
        return if sign == 0 { tiny } else { -tiny };
    }
    f32::from_bits(sign | (exponent + 112) << 23 | fraction << 13)
}

fn indices(vector: Vector<'_>) -> Option<Vec<usize>> {
    vector.ints()?.into_iter().map(|index| usize::try_from(index).ok()).collect()
}

fn step(
    code: i32,
    options: Option<Table<'_>>,
    inputs: &[usize],
    output: usize,
    given: &[Given],
) -> Option<Step> {
    let constant = |at: usize| given.get(*inputs.get(at)?);
    let values = |at: usize| constant(at)?.values.clone();
    // Activations fused into an operation do not occur in our files; a file that has one is not ours.
    let plain = |field: usize| (options?.byte(field) == 0).then_some(());
    let mut data = 1;
    let what = match code {
        CONV_2D => {
            plain(3)?;
            let [outputs, height, width, channels] = constant(1)?.shape[..] else { return None };
            let window = window(options?, height, width)?;
            let weights = in_blocks(&values(1)?, outputs, height * width * channels)?;
            let bias = values(2).filter(|bias| bias.len() == outputs)?;
            Operation::Convolution(Filter { window, outputs, weights, bias })
        }
        DEPTHWISE_CONV_2D => {
            plain(4)?;
            let [1, height, width, outputs] = constant(1)?.shape[..] else { return None };
            let window = window(options?, height, width)?;
            let weights = values(1).filter(|weights| weights.len() == height * width * outputs)?;
            let bias = values(2).filter(|bias| bias.len() == outputs)?;
            Operation::Depthwise(Filter { window, outputs, weights, bias })
        }
        PRELU => Operation::LeakySlope(values(1)?),
        RELU => Operation::Positive,
        ADD => {
            if let Some(options) = options {
                (options.byte(0) == 0).then_some(())?;
            }
            data = 2;
            Operation::Add
        }
        MAX_POOL_2D => {
            let options = options?;
            let side = |field: usize| usize::try_from(options.int(field)).ok().filter(|side| *side > 0);
            Operation::Largest(window(options, side(4)?, side(3)?)?)
        }
        PAD => {
            let [0, 0, 0, 0, 0, 0, 0, more] = constant(1)?.ints.as_deref()?[..] else { return None };
            Operation::MoreChannels(usize::try_from(more).ok()?)
        }
        CONCATENATION => {
            (options?.int(0) == 1).then_some(())?;
            data = inputs.len();
            Operation::Join
        }
        RESHAPE => Operation::Reshape,
        _ => return None,
    };
    let inputs = inputs.get(..data)?.to_vec();
    (output < given.len() && inputs.iter().all(|input| *input < given.len())).then_some(())?;
    Some(Step { what, inputs, output })
}

fn window(options: Table<'_>, height: usize, width: usize) -> Option<Window> {
    let step = usize::try_from(options.int(1)).ok().filter(|step| *step > 0)?;
    (options.int(1) == options.int(2)).then_some(())?;
    Some(Window { height, width, step, over_the_edge: options.byte(0) == 0 })
}

/// Weights by output, then by input, brought into the order of [`Filter::weights`]; missing outputs are zeros.
fn in_blocks(weights: &[f32], outputs: usize, inputs: usize) -> Option<Vec<f32>> {
    (weights.len() == outputs.checked_mul(inputs)?).then_some(())?;
    let mut blocks = vec![0.0; outputs.div_ceil(LANES) * LANES * inputs];
    for (output, row) in weights.chunks_exact(inputs).enumerate() {
        for (input, weight) in row.iter().enumerate() {
            blocks[(output / LANES * inputs + input) * LANES + output % LANES] = *weight;
        }
    }
    Some(blocks)
}

impl Window {
    /// Size of the output, and how far the first window begins before the input's edge.
    fn along(&self, input: usize, size: usize) -> (usize, usize) {
        if !self.over_the_edge {
            return ((input - size) / self.step + 1, 0);
        }
        let output = input.div_ceil(self.step);
        (output, ((output - 1) * self.step + size).saturating_sub(input) / 2)
    }

    /// The input's rows or columns that the window at `output` sees, with their place in the window.
    fn seen(
        output: usize,
        step: usize,
        before: usize,
        size: usize,
        input: usize,
    ) -> impl Iterator<Item = (usize, usize)> {
        let first = output * step;
        (0..size).filter_map(move |place| {
            let at = (first + place).checked_sub(before)?;
            (at < input).then_some((place, at))
        })
    }
}

fn convolution(input: &Tensor, filter: &Filter) -> Tensor {
    let window = filter.window;
    let (height, above) = window.along(input.height, window.height);
    let (width, left) = window.along(input.width, window.width);
    let mut output = Tensor::new(height, width, filter.outputs);
    let inputs = window.height * window.width * input.channels;
    let row = window.width * input.channels;
    let mut patch = vec![0.0; PLACES * inputs];
    let (places, outputs) = (height * width, filter.outputs);
    for first in (0..places).step_by(PLACES) {
        let count = PLACES.min(places - first);
        patch.fill(0.0);
        for (place, patch) in (first..first + count).zip(patch.chunks_exact_mut(inputs)) {
            for (dy, y) in Window::seen(place / width, window.step, above, window.height, input.height) {
                for (dx, x) in Window::seen(place % width, window.step, left, window.width, input.width) {
                    let to = dy * row + dx * input.channels;
                    patch[to..to + input.channels].copy_from_slice(input.pixel(y, x));
                }
            }
        }
        for (block, weights) in filter.weights.chunks_exact(inputs * LANES).enumerate() {
            let sums = block_of_sums(&patch, weights, inputs);
            let from = block * LANES;
            let kept = LANES.min(outputs - from);
            for (place, sums) in (first..first + count).zip(&sums) {
                let to = &mut output.data[place * outputs + from..][..kept];
                for ((to, sum), bias) in to.iter_mut().zip(sums).zip(&filter.bias[from..]) {
                    *to = sum + bias;
                }
            }
        }
    }
    output
}

/// The innermost loop: [`PLACES`] patches times one block of weights.
fn block_of_sums(patch: &[f32], weights: &[f32], inputs: usize) -> [[f32; LANES]; PLACES] {
    let mut sums = [[0.0; LANES]; PLACES];
    let (a, rest) = patch.split_at(inputs);
    let (b, rest) = rest.split_at(inputs);
    let (c, d) = rest.split_at(inputs);
    for ((((weights, a), b), c), d) in weights.chunks_exact(LANES).zip(a).zip(b).zip(c).zip(d) {
        for lane in 0..LANES {
            sums[0][lane] += a * weights[lane];
            sums[1][lane] += b * weights[lane];
            sums[2][lane] += c * weights[lane];
            sums[3][lane] += d * weights[lane];
        }
    }
    sums
}

fn depthwise(input: &Tensor, filter: &Filter) -> Tensor {
    let window = filter.window;
    let (height, above) = window.along(input.height, window.height);
    let (width, left) = window.along(input.width, window.width);
    let channels = input.channels;
    let mut output = Tensor::new(height, width, channels);
    for (place, sums) in output.data.chunks_exact_mut(channels).enumerate() {
        sums.copy_from_slice(&filter.bias);
        for (dy, y) in Window::seen(place / width, window.step, above, window.height, input.height) {
            for (dx, x) in Window::seen(place % width, window.step, left, window.width, input.width) {
                let weights = &filter.weights[(dy * window.width + dx) * channels..][..channels];
                for ((sum, value), weight) in sums.iter_mut().zip(input.pixel(y, x)).zip(weights) {
                    *sum += value * weight;
                }
            }
        }
    }
    output
}

fn largest(input: &Tensor, window: Window) -> Tensor {
    let (height, above) = window.along(input.height, window.height);
    let (width, left) = window.along(input.width, window.width);
    let mut output = Tensor::new(height, width, input.channels);
    for (place, most) in output.data.chunks_exact_mut(input.channels).enumerate() {
        most.fill(f32::NEG_INFINITY);
        for (_, y) in Window::seen(place / width, window.step, above, window.height, input.height) {
            for (_, x) in Window::seen(place % width, window.step, left, window.width, input.width) {
                for (most, value) in most.iter_mut().zip(input.pixel(y, x)) {
                    *most = most.max(*value);
                }
            }
        }
    }
    output
}

fn each(input: &Tensor, change: impl Fn(f32) -> f32) -> Tensor {
    Tensor { data: input.data.iter().map(|value| change(*value)).collect(), ..shape(input) }
}

fn shape(of: &Tensor) -> Tensor {
    Tensor { height: of.height, width: of.width, channels: of.channels, data: Vec::new() }
}

fn leaky(input: &Tensor, slope: &[f32]) -> Tensor {
    let mut output = input.clone();
    for pixel in output.data.chunks_exact_mut(input.channels) {
        for (value, slope) in pixel.iter_mut().zip(slope) {
            *value = value.max(0.0) + slope * value.min(0.0);
        }
    }
    output
}

fn add(one: &Tensor, other: &Tensor) -> Tensor {
    Tensor { data: one.data.iter().zip(&other.data).map(|(a, b)| a + b).collect(), ..shape(one) }
}

fn more_channels(input: &Tensor, more: usize) -> Tensor {
    let mut output = Tensor::new(input.height, input.width, input.channels + more);
    let pixels = output.data.chunks_exact_mut(input.channels + more);
    for (to, from) in pixels.zip(input.data.chunks_exact(input.channels)) {
        to[..input.channels].copy_from_slice(from);
    }
    output
}

/// One after the other: the files join along what is outermost.
fn join<'a>(parts: impl Iterator<Item = &'a Tensor>) -> Tensor {
    let data: Vec<f32> = parts.flat_map(|part| part.data.iter().copied()).collect();
    Tensor { height: data.len(), width: 1, channels: 1, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_of_half_precision_are_read_as_they_are() {
        for (bits, value) in
            [(0x3c00_u16, 1.0), (0xc000, -2.0), (0x3555, 0.333_251_95), (0, 0.0), (0x0001, 5.960_464_5e-8)]
        {
            assert!((widened(bits.to_le_bytes()) - value).abs() <= f32::EPSILON * value.abs(), "{bits:x}");
        }
    }

    fn ramp(height: usize, width: usize, channels: usize) -> Tensor {
        let mut tensor = Tensor::new(height, width, channels);
        for (at, value) in tensor.data.iter_mut().enumerate() {
            *value = (at % 7) as f32 - 3.0;
        }
        tensor
    }

    /// A convolution as textbooks write it.
    fn textbook(input: &Tensor, weights: &[f32], bias: &[f32], window: Window) -> Tensor {
        let outputs = bias.len();
        let (height, above) = window.along(input.height, window.height);
        let (width, left) = window.along(input.width, window.width);
        let mut output = Tensor::new(height, width, outputs);
        for y in 0..height {
            for x in 0..width {
                for o in 0..outputs {
                    let mut sum = bias[o];
                    for dy in 0..window.height {
                        for dx in 0..window.width {
                            let (sy, sx) = (y * window.step + dy, x * window.step + dx);
                            let inside = sy >= above
                                && sx >= left
                                && sy - above < input.height
                                && sx - left < input.width;
                            for c in 0..input.channels {
                                let weight = weights
                                    [((o * window.height + dy) * window.width + dx) * input.channels + c];
                                sum +=
                                    if inside { input.pixel(sy - above, sx - left)[c] * weight } else { 0.0 };
                            }
                        }
                    }
                    output.data[(y * width + x) * outputs + o] = sum;
                }
            }
        }
        output
    }

    #[test]
    fn a_convolution_in_blocks_is_the_textbooks() {
        for (outputs, size, step, over_the_edge) in
            [(3, 3, 2, true), (9, 1, 1, false), (17, 5, 2, true), (8, 3, 1, false)]
        {
            let input = ramp(9, 7, 5);
            let window = Window { height: size, width: size, step, over_the_edge };
            let weights: Vec<f32> = (0..outputs * size * size * 5).map(|at| (at % 11) as f32 - 5.0).collect();
            let bias: Vec<f32> = (0..outputs).map(|at| at as f32).collect();
            let blocks = in_blocks(&weights, outputs, size * size * 5).unwrap();
            let made = convolution(&input, &Filter { window, outputs, weights: blocks, bias: bias.clone() });
            assert_eq!(made, textbook(&input, &weights, &bias, window));
        }
    }

    #[test]
    fn what_is_not_a_model_is_not_read_as_one() {
        for bytes in [&b""[..], b"TFL3", &[0xff; 64], &[0; 64], &[4, 0, 0, 0, 0xff, 0xff, 0xff, 0x7f]] {
            assert!(Network::read(bytes).is_none());
        }
    }
}
