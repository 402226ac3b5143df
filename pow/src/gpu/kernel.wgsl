// pow5-64b: each invocation hashes one header, up to the first word of the result. `dot4` is put before this
// text: the language's own `dot4U8Packed`, or products and sums where a browser has none.
//
// Vectors of four are rows of BLAKE3's matrix; every compiler makes scalars of them. There is no array, no
// pointer and no byte in here: one browser has read zeros from such, one compiler has stopped.

struct Work {
  // The header as sixteen little-endian words; 6 and 7 are replaced.
  header: array<vec4<u32>, 4>,
  // The first nonce as two numbers, high and low; how many; the greatest first word that may be a solution's.
  high: u32,
  low: u32,
  count: u32,
  limit: u32,
}

struct Found {
  // How many there are, also where the list is full.
  count: atomic<u32>,
  list: array<u32, LIST>,
}

@group(0) @binding(0) var<uniform> work: Work;
@group(0) @binding(1) var<storage, read_write> found: Found;

struct Digest { k: vec4<u32>, l: vec4<u32> }
struct State { a: vec4<u32>, b: vec4<u32>, c: vec4<u32>, d: vec4<u32> }

const IV = Digest(
  vec4(0x6a09e667u, 0xbb67ae85u, 0x3c6ef372u, 0xa54ff53au),
  vec4(0x510e527fu, 0x9b05688cu, 0x1f83d9abu, 0x5be0cd19u));
// Flags of BLAKE3.
const START = 1u;
const END = 10u;

fn turn(x: vec4<u32>, right: u32) -> vec4<u32> {
  return (x >> vec4(right)) | (x << vec4(32u - right));
}

// Four quarter rounds, one in each column.
fn columns(s: State, x: vec4<u32>, y: vec4<u32>) -> State {
  let a = s.a + s.b + x;
  let d = turn(s.d ^ a, 16u);
  let c = s.c + d;
  let b = turn(s.b ^ c, 12u);
  let e = a + b + y;
  let h = turn(d ^ e, 8u);
  let g = c + h;
  return State(e, turn(b ^ g, 7u), g, h);
}

fn rounds(s: State, x: vec4<u32>, y: vec4<u32>, z: vec4<u32>, w: vec4<u32>) -> State {
  let t = columns(s, x, y);
  let u = columns(State(t.a, t.b.yzwx, t.c.zwxy, t.d.wxyz), z, w);
  return State(u.a, u.b.wxyz, u.c.zwxy, u.d.yzwx);
}

// A step of the chain, BLAKE3 of 32 bytes: half of the block is zero.
fn link(last: Digest) -> Digest {
  let k = last.k;
  let l = last.l;
  var s = State(IV.k, IV.l, IV.k, vec4(0u, 0u, 32u, START | END));
  s = rounds(s, vec4(k.x, k.z, l.x, l.z), vec4(k.y, k.w, l.y, l.w),
    vec4<u32>(), vec4<u32>());
  s = rounds(s, vec4(k.z, k.w, l.w, l.x), vec4(l.z, 0u, k.x, 0u),
    vec4(k.y, 0u, 0u, 0u), vec4(0u, l.y, 0u, 0u));
  s = rounds(s, vec4(k.w, 0u, 0u, l.w), vec4(l.x, 0u, k.z, 0u),
    vec4(l.z, 0u, 0u, 0u), vec4(l.y, k.x, 0u, k.y));
  s = rounds(s, vec4<u32>(), vec4(l.w, 0u, k.w, 0u),
    vec4(l.x, 0u, l.y, k.y), vec4(k.x, k.z, 0u, l.z));
  s = rounds(s, vec4<u32>(), vec4<u32>(),
    vec4(l.w, l.y, k.x, l.z), vec4(k.z, k.w, k.y, l.x));
  s = rounds(s, vec4<u32>(), vec4(0u, l.y, 0u, k.y),
    vec4(0u, k.x, k.z, l.x), vec4(k.w, 0u, l.z, l.w));
  s = rounds(s, vec4(0u, l.y, k.y, 0u), vec4(0u, k.x, 0u, l.z),
    vec4(0u, k.z, k.w, l.w), vec4(0u, 0u, l.x, 0u));
  return Digest(s.a ^ s.c, s.b ^ s.d);
}

// BLAKE3's compression of 64 bytes.
fn compress(chaining: Digest, k: vec4<u32>, l: vec4<u32>, m: vec4<u32>, n: vec4<u32>, flags: u32) -> Digest {
  var s = State(chaining.k, chaining.l, IV.k, vec4(0u, 0u, 64u, flags));
  s = rounds(s, vec4(k.x, k.z, l.x, l.z), vec4(k.y, k.w, l.y, l.w),
    vec4(m.x, m.z, n.x, n.z), vec4(m.y, m.w, n.y, n.w));
  s = rounds(s, vec4(k.z, k.w, l.w, l.x), vec4(l.z, m.z, k.x, n.y),
    vec4(k.y, n.x, m.y, n.w), vec4(m.w, l.y, n.z, m.x));
  s = rounds(s, vec4(k.w, m.z, n.y, l.w), vec4(l.x, n.x, k.z, n.z),
    vec4(l.z, m.y, m.w, m.x), vec4(l.y, k.x, n.w, k.y));
  s = rounds(s, vec4(m.z, n.x, n.z, n.y), vec4(l.w, m.y, k.w, n.w),
    vec4(l.x, m.w, l.y, k.y), vec4(k.x, k.z, m.x, l.z));
  s = rounds(s, vec4(n.x, m.y, n.w, n.z), vec4(n.y, m.w, m.z, m.x),
    vec4(l.w, l.y, k.x, l.z), vec4(k.z, k.w, k.y, l.x));
  s = rounds(s, vec4(m.y, m.w, m.x, n.w), vec4(n.z, l.y, n.x, k.y),
    vec4(n.y, k.x, k.z, l.x), vec4(k.w, m.z, l.z, l.w));
  s = rounds(s, vec4(m.w, l.y, k.y, m.x), vec4(n.w, k.x, m.y, l.z),
    vec4(n.z, k.z, k.w, l.w), vec4(m.z, n.x, l.x, n.y));
  return Digest(s.a ^ s.c, s.b ^ s.d);
}

fn swap(x: u32) -> u32 {
  return (x << 24u) | ((x & 0xff00u) << 8u) | ((x >> 8u) & 0xff00u) | (x >> 24u);
}

// Sum of the products of equal bytes.
fn product(a: Digest, b: Digest) -> u32 {
  return dot4(a.k.x, b.k.x) + dot4(a.k.y, b.k.y) + dot4(a.k.z, b.k.z) + dot4(a.k.w, b.k.w)
    + dot4(a.l.x, b.l.x) + dot4(a.l.y, b.l.y) + dot4(a.l.z, b.l.z) + dot4(a.l.w, b.l.w);
}

@compute @workgroup_size(GROUP)
fn main(@builtin(global_invocation_id) id: vec3<u32>, @builtin(num_workgroups) groups: vec3<u32>) {
  let place = id.y * groups.x * GROUP + id.x;
  let low = work.low + place;
  // A dispatch may run over the end of four bytes.
  let high = work.high + select(0u, 1u, low < work.low);

  // Three blocks are compressed: the header, and the two halves of the products. Before each half, sixteen
  // steps of the chain push their products into it. So each compression is there once, and compiled once.
  var k = work.header[0];
  var l = vec4(work.header[1].xy, swap(high), swap(low));
  var m = work.header[2];
  var n = work.header[3];
  var a = compress(IV, k, l, m, n, START | END);
  var chain = a;
  var hash = IV;
  for (var part = 0u; part < 2u; part++) {
    for (var i = 0u; i < 16u; i++) {
      chain = link(chain);
      k = vec4(k.yzw, l.x);
      l = vec4(l.yzw, m.x);
      m = vec4(m.yzw, n.x);
      // Big-endian in the input, little-endian words in BLAKE3.
      n = vec4(n.yzw, swap(product(a, chain)));
    }
    hash = compress(hash, k, l, m, n, select(START, END, part == 1u));
  }
  for (var i = 0u; i < 2u; i++) { hash = link(hash); }

  // BLAKE3 is little-endian, a target big-endian.
  if (place < work.count && swap(hash.k.x) <= work.limit) {
    let at = atomicAdd(&found.count, 1u);
    if (at < LIST) {
      found.list[at] = place;
    }
  }
}
