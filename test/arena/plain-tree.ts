// The engine's rules as plainly as can be: an object a node, changed in place. What the real one is compared with.
import type { EngineAction, EngineSettings } from '../../src/arena/engine.ts';
import { sampleBeta } from '../../src/arena/sample-beta.ts';

class PlainNode {
  children: PlainNode[] = [];
  visits = 0;
  wins = 0;
  losses = 0;
  pruned = false;
  readonly path: string;
  readonly parent: PlainNode | null;
  constructor(path: string, parent: PlainNode | null) {
    this.path = path;
    this.parent = parent;
  }
}

export class PlainTree {
  private readonly byPath = new Map<string, PlainNode>();
  private readonly root = new PlainNode('root', null);
  private readonly random: () => number;

  constructor(random: () => number) {
    this.random = random;
    this.byPath.set('root', this.root);
  }

  next(settings: EngineSettings, family: (path: string) => string[]): EngineAction | null {
    if (!settings.open) return null;
    let node = this.root;
    for (;;) {
      const seen = Math.max(node.visits, settings.minVisitations);
      const room = Math.max(1, Math.floor(seen ** settings.wideningAlpha));
      const untried = family(node.path).filter((path) => !this.byPath.has(path));
      if (node.children.length < room && untried.length > 0) return { type: 'expand', path: untried[0] as string };
      const alive = node.children.filter((child) => !child.pruned);
      if (alive.length === 0) return node === this.root ? null : { type: 'evaluate', path: node.path };
      const scores = alive.map((child) => sampleBeta(settings.thompsonPrior + child.wins, settings.thompsonPrior + child.losses, this.random));
      node = alive[scores.indexOf(Math.max(...scores))] as PlainNode;
    }
  }

  record(path: string, success: boolean): void {
    for (let node: PlainNode | null = this.at(path); node !== null; node = node.parent) {
      node.visits++;
      if (success) node.wins++;
      else node.losses++;
    }
  }

  prune(path: string): void {
    this.at(path).pruned = true;
  }

  private at(path: string): PlainNode {
    const found = this.byPath.get(path);
    if (found !== undefined) return found;
    const parent = this.at(path.slice(0, path.lastIndexOf('/')));
    const node = new PlainNode(path, parent);
    parent.children.push(node);
    this.byPath.set(path, node);
    return node;
  }
}
