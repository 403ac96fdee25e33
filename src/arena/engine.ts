// arena: the self-play arena's off-chain side. This file is the HGM engine, a pure reducer: whom to try next in the tree of
// lineages, by progressive widening and Thompson sampling. It knows no chain, file or clock, and chance is an argument.
import type { Random } from './random.ts';
import { sampleBeta } from './sample-beta.ts';

/** One lineage: its own evaluations and those of all below it. `children` in the order in which they came. */
export type LineageNode = {
  path: string;
  visits: number;
  successes: number;
  failures: number;
  /** Sum of the rewards. */
  reward: number;
  pruned: boolean;
  children: readonly string[];
};

/** By path: `root`, `root/a`, `root/a/b`. */
export type EngineState = ReadonlyMap<string, LineageNode>;

/** As approved on chain. `open` false: expansions are paused, and nothing is done. */
export type EngineSettings = { wideningAlpha: number; minVisitations: number; thompsonPrior: number; open: boolean };

export type EngineEvent =
  | { type: 'expanded'; path: string }
  | { type: 'evaluated'; path: string; reward: number; success: boolean }
  | { type: 'pruned'; path: string };

export type EngineAction = { type: 'expand' | 'evaluate'; path: string };

export type Choosing = {
  settings: EngineSettings;
  /** Paths that may become children of a node, in the order in which they are to be tried. */
  candidates: (parent: string) => readonly string[];
  /** Not to be chosen this time, with all that is below. */
  skip?: ReadonlySet<string>;
  random: Random;
};

export const rootPath = 'root';

export function newEngine(): EngineState {
  return new Map([[rootPath, emptyNode(rootPath)]]);
}

/** The state after an event. A path whose parents aren't there yet brings them along. */
export function reduceEngine(state: EngineState, event: EngineEvent): EngineState {
  const nodes = new Map(state);
  const node = reach(nodes, event.path);
  if (event.type === 'pruned') nodes.set(event.path, { ...node, pruned: true });
  if (event.type === 'evaluated') for (const path of lineageOf(event.path)) nodes.set(path, evaluated(nodes.get(path) as LineageNode, event));
  return nodes;
}

function evaluated(node: LineageNode, { reward, success }: { reward: number; success: boolean }): LineageNode {
  return {
    ...node,
    visits: node.visits + 1,
    successes: node.successes + (success ? 1 : 0),
    failures: node.failures + (success ? 0 : 1),
    reward: node.reward + reward,
  };
}

/** The node at a path, made with its parents where it isn't there. SIDE EFFECTS: adds to `nodes`. */
function reach(nodes: Map<string, LineageNode>, path: string): LineageNode {
  const found = nodes.get(path);
  if (found !== undefined) return found;
  const node = emptyNode(path);
  const above = parentOf(path);
  if (above === null) throw new RangeError(`the path ${JSON.stringify(path)} does not begin at ${rootPath}`);
  const parent = reach(nodes, above);
  nodes.set(above, { ...parent, children: [...parent.children, path] });
  nodes.set(path, node);
  return node;
}

/**
 * What to do next, or null where there is nothing: the gate is closed, or everything is pruned or skipped. Goes down from the
 * root: a node with room for a child and a candidate for it is expanded; else one of its children is sampled; a node with
 * neither is evaluated itself.
 */
export function nextAction(state: EngineState, choosing: Choosing): EngineAction | null {
  if (!choosing.settings.open) return null;
  for (let node = state.get(rootPath) as LineageNode; ; ) {
    const fresh = candidateOf(state, node, choosing);
    if (fresh !== null && node.children.length < childLimit(node, choosing.settings)) return { type: 'expand', path: fresh };
    const child = sampleChild(state, node, choosing);
    if (child === null) return node.path === rootPath ? null : { type: 'evaluate', path: node.path };
    node = child;
  }
}

/** How many children a node may have: max(1, floor(max(visits, minVisitations)^wideningAlpha)). */
export function childLimit({ visits }: Pick<LineageNode, 'visits'>, { wideningAlpha, minVisitations }: EngineSettings): number {
  return Math.max(1, Math.floor(Math.max(visits, minVisitations) ** wideningAlpha));
}

function candidateOf(state: EngineState, node: LineageNode, { candidates, skip }: Choosing): string | null {
  return candidates(node.path).find((path) => !state.has(path) && skip?.has(path) !== true) ?? null;
}

/** The child with the highest sample of Beta(prior + successes, prior + failures); the earlier of two alike. */
function sampleChild(state: EngineState, node: LineageNode, { settings, skip, random }: Choosing): LineageNode | null {
  let best: { child: LineageNode; sample: number } | null = null;
  for (const path of node.children) {
    const child = state.get(path) as LineageNode;
    if (child.pruned || skip?.has(path) === true) continue;
    const sample = sampleBeta(settings.thompsonPrior + child.successes, settings.thompsonPrior + child.failures, random);
    if (best === null || sample > best.sample) best = { child, sample };
  }
  return best?.child ?? null;
}

export function parentOf(path: string): string | null {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? null : path.slice(0, slash);
}

/** The path itself and all above it, up to the root. */
function lineageOf(path: string): string[] {
  const above = parentOf(path);
  return above === null ? [path] : [path, ...lineageOf(above)];
}

function emptyNode(path: string): LineageNode {
  return { path, visits: 0, successes: 0, failures: 0, reward: 0, pruned: false, children: [] };
}
