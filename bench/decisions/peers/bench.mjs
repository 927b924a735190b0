// Peers' decision benchmark. node bench.mjs <engine> <part a|b|c|d> [dataDir=./data] [--runs=5] [--secs=1.5] [--zen=0.54.0|2.0.2]
// Engines: js (hand-compiled ceiling) zen feelin dmneval jre jsonlogic. Prints one JSON line: evaluations per CPU second (user + system time
// of the whole process, so a busy machine and threads beside the main one do not flatter or hurt an engine), median of the runs; per wall second beside it.
// Every engine's results are checked against the generator's expected values before timing.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const pos = process.argv.slice(2).filter(x => !x.startsWith('--')), opt = (k, d) => (process.argv.find(x => x.startsWith(`--${k}=`)) ?? `--${k}=${d}`).split('=')[1];
const [engine, part, dir = './data'] = pos, RUNS = +opt('runs', 5), SECS = +opt('secs', 1.5);
const S = JSON.parse(readFileSync(join(dir, part + '.json'), 'utf8'));
if (part === 'd') { const ids = Object.keys(S.columns), n = Math.min(S.residents, +opt('sample', 2000)); S.records = Array.from({ length: n }, (_, i) => Object.fromEntries(ids.map(a => [a, S.columns[a][i]]))); }
const day = (s) => Math.round(Date.parse(s + 'T00:00:00Z') / 86400000);
const dates = Object.keys(S.types).filter(a => S.types[a] === 'date'), asDays = (x) => { const y = { ...x }; for (const a of dates) y[a] = day(x[a]); return y; };
const lit = (t, v) => t === 'date' ? `date("${v}")` : t === 'string' ? JSON.stringify(v) : String(v);
const feel = (c, t) => c.op === 'in' ? c.v.map(v => JSON.stringify(v)).join(',') : c.op === 'is' ? String(c.v) : c.op === 'bw' ? `[${lit(t, c.v[0])}..${lit(t, c.v[1])}]` : { lt: '<', le: '<=', gt: '>', ge: '>=' }[c.op] + ' ' + lit(t, c.v);
const js = (c, t, p = 'x.') => { const q = (v) => t === 'date' ? day(v) : JSON.stringify(v), a = p + c.a; return c.op === 'in' ? '(' + c.v.map(v => `${a}===${q(v)}`).join('||') + ')' : c.op === 'is' ? (c.v ? a : '!' + a) : c.op === 'bw' ? `(${a}>=${q(c.v[0])}&&${a}<=${q(c.v[1])})` : `${a}${{ lt: '<', le: '<=', gt: '>', ge: '>=' }[c.op]}${q(c.v)}`; };
const ymJs = (a, b) => { const y0 = +a.slice(0, 4), m0 = +a.slice(5, 7), d0 = +a.slice(8), y1 = +b.slice(0, 4), m1 = +b.slice(5, 7), d1 = +b.slice(8); return (y1 - y0) * 12 + (m1 - m0) - (d1 < d0 ? 1 : 0); };
// what an adapter returns: prep(record) outside timing, run(prepared) -> normalised result (a: grade, b: number, c/d: array of rule indexes)
const out0 = S.outputs?.[0][0], idx = S.rules && new Map(S.rules.map((r, i) => [r.then[out0], i]));
const adapters = {
  js() {
    if (part === 'b') { const cond = (w) => w.when.map(c => js(c, 'number', c.a in S.types ? 'x.' : '')).join('&&');
      const f = new Function('ym', 'D', `return x=>{const m=ym(x.birth,'${S.asOf}'),Age=Math.floor(m/12),R=ym(x.since,'${S.asOf}');let T=0;for(const v of x.incomes)T+=v;const PerCapita=T/x.household;let rate=0,s=0;${S.rate.map((w, i) => `${i ? 'else ' : ''}if(${cond(w)})rate=${w.then.rate};`).join('')}${S.supp.map(w => `if(${cond(w)})s+=${w.then.amount};`).join('')}return D.has(x.district)&&R>=6&&rate>0?Math.min(3000*x.household,Math.max(0,Math.floor(${S.standard}*x.household*rate/100-T*0.5))+s):0}`)(ymJs, new Set(S.districts)); return { prep: x => x, run: f }; }
    const cond = (r) => r.when.map(c => js(c, S.types[c.a])).join('&&');
    let f; if (part === 'a') f = new Function('x', S.rules.map(r => `if(${cond(r)})return ${JSON.stringify(r.then.grade)};`).join(''));
    else { const fs = []; for (let b = 0; b < S.rules.length; b += 25) fs.push(new Function('x', 'o', S.rules.slice(b, b + 25).map((r, i) => `if(${cond(r)})o.push(${b + i});`).join(''))); f = x => { const o = []; for (const g of fs) g(x, o); return o; }; } // small functions, so that V8 optimises them
    return { prep: asDays, run: f };
  },
  zen() {
    const v = opt('zen', '0.54.0'), z = v === '0.54.0' ? require('@gorules/zen-engine') : require('@gorules/zen-engine-linux-x64-gnu');
    const trace = opt('trace', 'false') === 'true', engine = new z.ZenEngine();
    const zcell = (c, t) => c.op === 'in' ? c.v.map(v => `'${v}'`).join(', ') : feel(c, t);
    const table = (id, types, rules, outs, hp, extra = {}) => ({ id, name: id, type: 'decisionTableNode', position: { x: 0, y: 0 }, content: { hitPolicy: hp, inputs: Object.keys(types).map(a => ({ id: 'i_' + a, name: a, type: 'expression', field: types[a] === 'date' ? `date(${a})` : a })), outputs: outs.map(o => ({ id: 'o_' + o, name: o, type: 'expression', field: o })), rules: rules.map((r, k) => ({ _id: 'r' + k, ...Object.fromEntries(Object.keys(types).map(a => { const c = r.when.find(c => c.a === a); return ['i_' + a, c ? zcell(c, types[a]) : '']; })), ...Object.fromEntries(outs.map(o => ['o_' + o, typeof r.then[o] === 'number' ? String(r.then[o]) : `'${r.then[o]}'`])) })), ...extra } });
    const expr = (id, es, extra = {}) => ({ id, name: id, type: 'expressionNode', position: { x: 0, y: 0 }, content: { expressions: es.map(([key, value], i) => ({ id: id + i, key, value })), ...extra } });
    const graph = (nodes) => { const all = [{ id: 'in', name: 'in', type: 'inputNode', position: { x: 0, y: 0 } }, ...nodes, { id: 'out', name: 'out', type: 'outputNode', position: { x: 0, y: 0 } }]; return { contentType: 'application/vnd.gorules.decision', nodes: all, edges: all.slice(1).map((n, i) => ({ id: 'e' + i, type: 'edge', sourceId: all[i].id, targetId: n.id })) }; };
    const pass = { passThrough: true, inputField: null, outputPath: null, executionMode: 'single' };
    let g, norm;
    if (part === 'b') {
      const sel = (rules, ids) => Object.fromEntries(ids.map(a => [a, S.types[a] ?? 'number']));
      g = graph([expr('e1', [['Age', `floor(d('${S.asOf}').diff(birth, 'month') / 12)`], ['ResidencyMonths', `d('${S.asOf}').diff(since, 'month')`], ['TotalIncome', 'sum(incomes)'], ['PerCapita', 'sum(incomes) / household'], ['Covered', `district in [${S.districts.map(x => `'${x}'`).join(',')}]`]], pass),
        table('Rate', sel(S.rate, ['Age', 'PerCapita']), S.rate, ['rate'], 'first', pass), table('Supp', sel(S.supp, ['Age', 'disabled', 'singleParent', 'students']), S.supp, ['amount'], 'collect', { ...pass, outputPath: 'supp' }),
        expr('e2', [['Entitlement', `Covered and ResidencyMonths >= 6 and rate > 0 ? min([3000 * household, max([0, floor(${S.standard} * household * rate / 100 - TotalIncome * 0.5)]) + (len(supp) > 0 ? sum(map(supp, #.amount)) : 0)]) : 0`]], { passThrough: false })]);
      norm = r => r.Entitlement;
    } else { g = graph([table('t', S.types, S.rules, S.outputs.map(o => o[0]), part === 'a' ? 'first' : 'collect')]); norm = part === 'a' ? r => r.grade : r => r.map(x => idx.get(x[out0])); }
    const d = engine.createDecision(new z.ZenDecisionContent(Buffer.from(JSON.stringify(g)))); adapters.perf = [];
    return { async: true, prep: x => x, run: async x => { const r = await d.evaluate(x, { trace }); if (adapters.perf.length < 20000) adapters.perf.push(r.performance); return norm(r.result); }, v };
  },
  async feelin() {
    const F = await import('feelin');
    const prep = x => { const y = { ...x }; for (const a of dates) y[a] = F.date(x[a]); return y; };
    if (part === 'b') {
      const asOf = F.date(S.asOf), cell = (w) => w.when.map(c => `(${c.a} in ${c.op === 'bw' ? feel(c, 'number') : `(${feel(c, 'number')})`})`).join(' and ');
      const steps = S.order.map(n => [n, S.feel[n] ?? (n === 'Rate' ? S.rate.map(w => `if ${cell(w)} then ${w.then.rate} else `).join('') + 'null' : `sum([${S.supp.map(w => `if ${cell(w)} then ${w.then.amount} else 0`).join(', ')}])`)]);
      return { prep, run: x => { const ctx = { ...x, asOf }; for (const [n, e] of steps) ctx[n] = F.evaluate(e, ctx).value; return ctx.Entitlement; } };
    }
    // no public compile step: every call parses. Cell by cell with early exit (the public unaryTest API), cells shared between rules are not cached
    const rules = S.rules.map(r => r.when.map(c => [c.a, feel(c, S.types[c.a])]));
    const ok = (r, x) => { for (const [a, e] of r) if (F.unaryTest(e, { '?': x[a] }).value !== true) return false; return true; };
    if (part === 'a' && opt('feelin', 'cells') === 'expr') { // whole table as one if/else expression: parsed once per evaluation
      const e = S.rules.map(r => `if ${r.when.map(c => c.op === 'in' ? `(${c.a} in [${feel(c)}])` : c.op === 'is' ? `${c.a} = ${c.v}` : c.op === 'bw' ? `(${c.a} in ${feel(c, S.types[c.a])})` : `${c.a} ${feel(c, S.types[c.a])}`).join(' and ')} then "${r.then.grade}" else `).join('') + 'null';
      return { prep, run: x => F.evaluate(e, x).value };
    }
    return { prep, run: part === 'a' ? x => { for (let i = 0; i < rules.length; i++) if (ok(rules[i], x)) return S.rules[i].then.grade; } : x => { const o = []; for (let i = 0; i < rules.length; i++) if (ok(rules[i], x)) o.push(i); return o; } };
  },
  async dmneval() {
    if (part === 'b') throw new Error('not run: dmn-eval-js has no aggregation for COLLECT and no years-and-months duration');
    const { decisionTable, dateTime } = require('@hbtgmbh/dmn-eval-js'); require('loglevel').getLogger('dmn-eval-js').setLevel('silent');
    const dec = await decisionTable.parseDmnXml(readFileSync(join(dir, part + '.dmn11.xml'), 'utf8'));
    return { prep: x => { const y = { ...x }; for (const a of dates) y[a] = dateTime['date and time'](x[a] + 'T00:00:00Z'); return y; }, run: x => { const r = decisionTable.evaluateDecision(part, dec, x); return part === 'a' ? r.grade : (r ?? []).map(q => idx.get(q[out0])); } };
  },
  async jre() {
    if (part === 'b') throw new Error('not run: json-rules-engine has no arithmetic');
    const { Engine } = await import('json-rules-engine'); const OP = { lt: 'lessThan', le: 'lessThanInclusive', gt: 'greaterThan', ge: 'greaterThanInclusive' };
    const e = new Engine(S.rules.map((r, i) => ({ event: { type: 'hit', params: { i } }, conditions: { all: r.when.flatMap(c => { const q = v => S.types[c.a] === 'date' ? day(v) : v; return c.op === 'in' ? [{ fact: c.a, operator: 'in', value: c.v }] : c.op === 'is' ? [{ fact: c.a, operator: 'equal', value: c.v }] : c.op === 'bw' ? [{ fact: c.a, operator: 'greaterThanInclusive', value: q(c.v[0]) }, { fact: c.a, operator: 'lessThanInclusive', value: q(c.v[1]) }] : [{ fact: c.a, operator: OP[c.op], value: q(c.v) }]; }) } })));
    return { async: true, prep: asDays, run: async x => { const { events } = await e.run(x); const o = events.map(q => q.params.i).sort((p, q) => p - q); return part === 'a' ? S.rules[o[0]].then.grade : o; } };
  },
  async jsonlogic() {
    const { LogicEngine } = await import('json-logic-engine'); const L = new LogicEngine(); L.addMethod('ym', { method: (args) => ymJs(args[0], args[1]), deterministic: true }); L.addMethod('floor', { method: (a) => Math.floor(Array.isArray(a) ? a[0] : a), deterministic: true });
    const c2 = (c) => { const V = { var: c.a }, q = v => S.types[c.a] === 'date' ? day(v) : v; return c.op === 'in' ? { in: [V, c.v] } : c.op === 'is' ? { '===': [V, c.v] } : c.op === 'bw' ? { '<=': [q(c.v[0]), V, q(c.v[1])] } : { [{ lt: '<', le: '<=', gt: '>', ge: '>=' }[c.op]]: [V, q(c.v)] }; };
    const and = (r) => ({ and: r.when.map(c2) });
    if (part === 'a') { const f = L.build({ if: [...S.rules.flatMap(r => [and(r), r.then.grade]), null] }); return { prep: asDays, run: f }; }
    if (part === 'b') {
      const v = (n) => ({ var: n }), st = [['Age', { floor: [{ '/': [{ ym: [v('birth'), S.asOf] }, 12] }] }], ['ResidencyMonths', { ym: [v('since'), S.asOf] }], ['TotalIncome', { reduce: [v('incomes'), { '+': [{ var: 'current' }, { var: 'accumulator' }] }, 0] }], ['PerCapita', { '/': [v('TotalIncome'), v('household')] }], ['Covered', { in: [v('district'), S.districts] }],
        ['Rate', { if: [...S.rate.flatMap(r => [and(r), r.then.rate]), 0] }], ['Supplements', { '+': S.supp.map(r => ({ if: [and(r), r.then.amount, 0] })) }], ['Entitlement', { if: [{ and: [v('Covered'), { '>=': [v('ResidencyMonths'), 6] }, { '>': [v('Rate'), 0] }] }, { min: [{ '*': [3000, v('household')] }, { '+': [{ max: [0, { floor: [{ '-': [{ '/': [{ '*': [S.standard, v('household'), v('Rate')] }, 100] }, { '*': [v('TotalIncome'), 0.5] }] }] }] }, v('Supplements')] }] }, 0] }]].map(([n, e]) => [n, L.build(e)]);
      return { prep: x => x, run: x => { const y = { ...x }; for (const [n, f] of st) y[n] = f(y); return y.Entitlement; } };
    }
    const fs = S.rules.map(r => L.build(and(r))); return { prep: asDays, run: x => { const o = []; for (let i = 0; i < fs.length; i++) if (fs[i](x)) o.push(i); return o; } };
  },
};
const A = await adapters[engine](), recs = S.records.map(A.prep);
// check
let expected = S.expected; if (part === 'd') { const { prep, run } = adapters.js(); expected = S.records.map(x => run(prep(x))); }
const N = Math.min(recs.length, +opt('check', part === 'a' || part === 'b' ? 1000 : 50)); let bad = 0, first;
for (let i = 0; i < N; i++) { const r = A.async ? await A.run(recs[i]) : A.run(recs[i]); if (JSON.stringify(r) !== JSON.stringify(expected[i])) { bad++; first ??= { i, got: r, want: expected[i], rec: S.records[i] }; } }
if (bad) console.error(engine, part, `MISMATCH ${bad}/${N}`, JSON.stringify(first).slice(0, 500));
// time: each run evaluates records in order for at least SECS CPU seconds
const rates = [], wall = []; let k = 0, sink = 0; const cpu = () => { const u = process.cpuUsage(); return (u.user + u.system) / 1e6; };
for (let run = 0; run <= RUNS; run++) {
  const c0 = cpu(), w0 = process.hrtime.bigint(); let n = 0, t; const step = engine === 'js' ? 2000 : part === 'c' || part === 'd' ? 5 : 50;
  do { for (let j = 0; j < step; j++) { const x = recs[k]; if (++k === recs.length) k = 0; const r = A.async ? await A.run(x) : A.run(x); sink += r?.length ?? 1; } n += step; t = cpu() - c0; } while (t < (run ? SECS : 0.5));
  if (run) { rates.push(n / t); wall.push(n / (Number(process.hrtime.bigint() - w0) / 1e9)); } // run 0 is warm-up
}
wall.sort((a, b) => a - b); rates.sort((a, b) => a - b); const med = rates[rates.length >> 1], us = (s) => { const m = /^([\d.]+)(ns|µs|us|ms|s)/.exec(s); return m ? +m[1] * { ns: 1e-3, 'µs': 1, us: 1, ms: 1e3, s: 1e6 }[m[2]] : NaN; };
const perf = adapters.perf?.map(us).sort((a, b) => a - b);
console.log(JSON.stringify({ engine: engine + (A.v ? '@' + A.v : ''), part, mismatches: bad, checked: N, per_cpu_s: +med.toPrecision(4), min: +rates[0].toPrecision(4), max: +rates.at(-1).toPrecision(4), per_wall_s: +wall[wall.length >> 1].toPrecision(4), us: +(1e6 / med).toPrecision(4), rule_evals_per_s: part === 'c' || part === 'd' ? +(med * S.rules.length).toPrecision(4) : undefined, engine_only_us: perf?.length ? perf[perf.length >> 1] : undefined }));
process.exit(0);
