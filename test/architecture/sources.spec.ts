import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FOLDERS = ['src', 'migrations', 'test', 'bench', 'faults', 'scripts'];

/** A file of src that is longer holds more than one thing. */
const MAX_LINES = 350;

/** What the rules of the API are cited by: `docs/api.md, section 4`. What is not in the repository tells a reader nothing. */
const FOREIGN_CITATION = /\bcontract\b|\(seeds\b|\bthe seeds\b|\(design\b/gi;

/** Every TypeScript file of the project: its path below the root and its text. */
const SOURCES = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
)
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

function parse(name: string, text: string): ts.SourceFile {
  return ts.createSourceFile(name, text, ts.ScriptTarget.ES2023, true);
}

/** Where `any` is written as a type: `name:line`. */
function anyTypes(name: string, text: string): string[] {
  const file = parse(name, text);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (node.kind === ts.SyntaxKind.AnyKeyword) {
      found.push(`${name}:${file.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** Where a comment switches a check off or puts work off: `name:line`. */
function excuses(name: string, text: string): string[] {
  const found: string[] = [];
  const file = parse(name, text);
  const seen = new Set<number>();
  const inspect = (range: ts.CommentRange): void => {
    if (seen.has(range.pos)) return;
    seen.add(range.pos);
    const comment = text.slice(range.pos, range.end);
    if (/eslint-disable|@ts-(ignore|nocheck|expect-error)|prettier-ignore|\b(TODO|FIXME|XXX|HACK)\b/.test(comment)) {
      found.push(`${name}:${file.getLineAndCharacterOfPosition(range.pos).line + 1}`);
    }
  };
  const visit = (node: ts.Node): void => {
    ts.getLeadingCommentRanges(text, node.getFullStart())?.forEach(inspect);
    ts.getTrailingCommentRanges(text, node.getEnd())?.forEach(inspect);
    node.getChildren(file).forEach(visit);
  };
  visit(file);
  return found;
}

/** A problem of the catalogue says what it is in its own definition: title and detail. */
function definesProblem(statement: ts.Statement): boolean {
  return (
    ts.isClassDeclaration(statement) &&
    statement.members.some((member) => member.name?.getText() === 'definition' && ts.isPropertyDeclaration(member))
  );
}

/**
 * Which classes, functions and constants a file exports and does not explain in a doc comment: `name: export`.
 * Overloads share the first one's comment, and so do constants that follow each other without an empty line.
 */
function undocumented(name: string, text: string): string[] {
  const file = parse(name, text);
  const explained = new Set<string>();
  let previous: ts.Statement | undefined;
  let previousIsExplained = false;
  return file.statements.flatMap((statement) => {
    const inGroup =
      previous !== undefined &&
      ts.isVariableStatement(previous) &&
      ts.isVariableStatement(statement) &&
      !/\n\s*\n/.test(text.slice(previous.end, statement.getStart(file)));
    const isExplained =
      ts.getJSDocCommentsAndTags(statement).length > 0 || definesProblem(statement) || (inGroup && previousIsExplained);
    previous = statement;
    previousIsExplained = isExplained;
    const declares =
      ts.isClassDeclaration(statement) || ts.isFunctionDeclaration(statement) || ts.isVariableStatement(statement);
    if (!declares || !statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
    const declaration = ts.isVariableStatement(statement) ? statement.declarationList.declarations[0] : statement;
    const exported = declaration?.name?.getText(file) ?? 'default';
    if (isExplained) explained.add(exported);
    return explained.has(exported) ? [] : [`${name}: ${exported}`];
  });
}

describe('the checks of this file', () => {
  it('find `any` as a type and leave the word alone', () => {
    const text = "let a: any;\n// any\nconst any = 'any';\ntype List = Map<string, any[]>;";
    expect(anyTypes('a.ts', text)).toEqual(['a.ts:1', 'a.ts:4']);
  });

  it('find excuses in comments only', () => {
    const words = ['eslint-' + 'disable-next-line', '@ts-' + 'ignore', 'TO' + 'DO'];
    const text = words.map((word) => `// ${word}\nconst a${words.indexOf(word)} = '// ${word}';`).join('\n');
    expect(excuses('a.ts', text)).toEqual(['a.ts:1', 'a.ts:3', 'a.ts:5']);
    expect(excuses('a.ts', `f(/* ${words.join()} */ 1);`)).toEqual(['a.ts:1']);
  });

  it('find exports without a doc comment', () => {
    const text = [
      'export const a = 1;',
      '/** b and c */',
      'export const b = 1;',
      'export const c = 1;',
      '',
      'export const d = 1;',
      'class E {}',
      'export class F {}',
      'export class Problem { static readonly definition = {}; }',
      '/** g */',
      'export function g(a: 1): void;',
      'export function g(a: 2): void;',
      'export function g(a: number): void {}',
      '// no doc comment',
      'export function h(): void {}',
      "export { i } from './i.js';",
    ].join('\n');
    expect(undocumented('a.ts', text)).toEqual(['a.ts: a', 'a.ts: d', 'a.ts: F', 'a.ts: h']);
  });
});

describe('the sources', () => {
  it('are found', () => {
    expect(SOURCES.length).toBeGreaterThan(20);
  });

  it('never use `any`', () => {
    expect(SOURCES.flatMap(({ name, text }) => anyTypes(name, text))).toEqual([]);
  });

  it('switch no check off and put nothing off', () => {
    expect(SOURCES.flatMap(({ name, text }) => excuses(name, text))).toEqual([]);
  });

  it('explain the classes, functions and constants that they export', () => {
    const checked = SOURCES.filter(({ name }) => name.startsWith('src/') && !name.endsWith('.spec.ts'));
    expect(checked.flatMap(({ name, text }) => undocumented(name, text))).toEqual([]);
  });

  it('of src, apart from specs, are short', () => {
    const long = SOURCES.filter(({ name }) => name.startsWith('src/') && !name.endsWith('.spec.ts'))
      .map(({ name, text }) => ({ name, lines: text.split('\n').length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('cite rules of the API by a document of the repository', () => {
    const foreign = SOURCES.filter(({ name }) => name !== 'test/architecture/sources.spec.ts').flatMap(
      ({ name, text }) => Array.from(text.matchAll(FOREIGN_CITATION), ([citation]) => `${name}: ${citation}`),
    );
    expect(foreign).toEqual([]);
  });
});
