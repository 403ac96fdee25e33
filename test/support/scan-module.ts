// What a TypeScript module imports, types included, and its code without comments. For the architecture test only.
import { build } from 'esbuild';

export type ModuleScan = {
  imports: readonly { path: string; dynamic: boolean }[];
  /** JavaScript without comments, types and the insides of its strings. */
  code: string;
};

/** esbuild parses; type imports are first made ordinary ones, since it would drop them. */
export async function scanModule(text: string): Promise<ModuleScan> {
  const contents = text.replace(/^import type\b/gm, 'import').replace(/^export type (?=[{*])/gm, 'export ');
  const { metafile, outputFiles } = await build({
    stdin: { contents, loader: 'ts', sourcefile: 'module.ts' },
    bundle: true,
    external: ['*'],
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    treeShaking: false,
    legalComments: 'none',
    logLevel: 'silent',
    // A template literal over several lines would look like code.
    supported: { 'template-literal': false },
    tsconfigRaw: { compilerOptions: { verbatimModuleSyntax: true } },
  });
  const imports = metafile.inputs['module.ts']?.imports ?? [];
  return {
    imports: imports.map((found) => ({ path: found.path, dynamic: found.kind === 'dynamic-import' })),
    code: (outputFiles[0]?.text ?? '').replace(/^\/\/ .*$/gm, '').replace(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""'),
  };
}
