// The shapes of reactive_bench.cc in alien-signals: prints the nanoseconds of one, or the package's "version".
const fs = require('node:fs');
const path = require('node:path');

// Where npm keeps what is installed for everybody; NODE_PATH is looked at by itself.
const places = [path.join(process.execPath, '../../lib/node_modules'), '/usr/local/lib/node_modules'];
const found = require.resolve('alien-signals', {paths: [__dirname, ...places.map((place) => path.join(place, 'x'))]});
const {signal, computed, effect, startBatch, endBatch} = require(found);

// The best of many short batches, as best_ns does it.
function bestNs(step) {
  let value = 0;
  const batch = (count) => {
    const began = process.hrtime.bigint();
    for (let i = 0; i < count; ++i) step(++value);
    return Number(process.hrtime.bigint() - began) / count;
  };
  for (let i = 0; i < 20; ++i) batch(500);
  const count = Math.max(1, Math.floor(500000 / batch(200)));
  let best = batch(count);
  for (let i = 1; i < 60; ++i) best = Math.min(best, batch(count));
  return best;
}

let seen = 0;
const watch = (value) => effect(() => { seen = value(); });
const times = (count, make) => Array.from({length: count}, (_, i) => make(i));
const sum = (values) => computed(() => { let total = 0; for (const one of values) total += one(); return total; });

const shapes = {
  'two nodes': () => {
    const head = signal(0);
    watch(computed(() => head() + 1));
    return head;
  },
  deep: () => {
    const head = signal(0);
    let end = head;
    for (let i = 0; i < 50; ++i) {
      const above = end;
      end = computed(() => above() + 1);
    }
    watch(end);
    return head;
  },
  broad: () => {
    const head = signal(0);
    for (let i = 0; i < 50; ++i) {
      const first = computed(() => head() + i);
      watch(computed(() => first() + 1));
    }
    return head;
  },
  diamond: () => {
    const head = signal(0);
    watch(sum(times(5, () => computed(() => head() + 1))));
    return head;
  },
  triangle: () => {
    const head = signal(0);
    const rows = [computed(() => head())];
    for (let i = 1; i < 10; ++i) {
      const above = rows[i - 1];
      rows.push(computed(() => above() + 1));
    }
    watch(sum(rows));
    return head;
  },
  mux: () => {
    const heads = times(100, () => signal(0));
    const mux = computed(() => heads.map((head) => head()));
    times(100, (i) => {
      const one = computed(() => mux()[i]);
      watch(computed(() => one() + 1));
    });
    return (value) => heads[value % 100](value);
  },
  unstable: () => {
    const head = signal(0);
    const twice = computed(() => head() * 2);
    const inverse = computed(() => -head());
    watch(computed(() => {
      let total = 0;
      for (let i = 0; i < 20; ++i) total += head() % 2 !== 0 ? twice() : inverse();
      return total;
    }));
    return head;
  },
  avoidable: () => {
    const head = signal(0);
    const first = computed(() => head());
    const same = computed(() => first() * 0);
    let end = computed(() => same() + 1);
    for (let i = 0; i < 2; ++i) {
      const above = end;
      end = computed(() => above() + 2);
    }
    watch(end);
    return head;
  },
  repeated: () => {
    const head = signal(0);
    watch(computed(() => {
      let total = 0;
      for (let i = 0; i < 30; ++i) total += head();
      return total;
    }));
    return head;
  },
  cellx: () => {
    const heads = [1, 2, 3, 4].map((value) => signal(value));
    let row = heads;
    for (let layer = 0; layer < 100; ++layer) {
      const [a, b, c, d] = row;
      row = [computed(() => b()), computed(() => a() - c()), computed(() => (b() + d()) & 0xFFFF), computed(() => c())];
      row.forEach(watch);
    }
    return (value) => {
      startBatch();
      for (let i = 0; i < 4; ++i) heads[i]((value * (i + 3)) & 0xFF);
      endBatch();
    };
  },
  dynamic: () => {
    const heads = times(10, (i) => signal(i));
    let above = heads;
    for (let layer = 0; layer < 5; ++layer) {
      const before = above;
      above = times(10, (i) => {
        const inputs = times(4, (j) => before[(i + j) % 10]);
        const drops = i % 3 === 0;
        return computed(() => {
          let total = inputs[0]();
          const drop = drops && (total & 1) !== 0;
          for (let j = 1; j < 4; ++j) total += drop && j === 2 ? 0 : inputs[j]();
          return total & 0xFFFF;
        });
      });
    }
    above.forEach(watch);
    return (value) => heads[value % 10](value);
  },
};

const wanted = process.argv[2];
if (wanted === 'version') {
  const about = path.join(path.dirname(found), '../package.json');
  process.stdout.write(JSON.parse(fs.readFileSync(about, 'utf8')).version);
} else {
  process.stdout.write(bestNs(shapes[wanted]()).toFixed(3));
}
