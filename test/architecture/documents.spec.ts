import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a command writes, and no commit holds. */
const GENERATED = ['bench/results.json'];

/** A newcomer reads README.md to its end. */
const MAX_README_LINES = 150;

/** Every document of the project: its path below the root and its text. */
const DOCUMENTS = [
  'README.md',
  'CONTRIBUTING.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
].map((name) => ({ name, text: readFileSync(join(ROOT, name), 'utf8') }));

/** The anchors that GitHub gives to the headings of a document. */
function anchorsOf(text: string): Set<string> {
  const headings = text.matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(headings, ([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** The links of a document that lead nowhere: to a file that is not there, or to a heading that it does not have. */
function brokenLinks(name: string, text: string): string[] {
  const links = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, link = '']) => link);
  return links
    .filter((link) => !/^[a-z]+:/.test(link))
    .filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(ROOT, name) : join(ROOT, dirname(name), path);
      if (!existsSync(target)) return true;
      if (anchor === undefined) return false;
      return !anchorsOf(path === '' ? text : readFileSync(target, 'utf8')).has(anchor);
    })
    .map((link) => `${name}: ${link}`);
}

/** The files and folders of the project that a document names and that are not there. */
function missingPaths(name: string, text: string): string[] {
  const named = text.matchAll(
    /`((?:src|test|bench|faults|migrations|scripts|deploy|docs|demo|netapp-hooks)\/[\w./-]+)`/g,
  );
  return Array.from(named, ([, path = '']) => path)
    .filter((path) => !GENERATED.includes(path) && !existsSync(join(ROOT, path)))
    .map((path) => `${name}: ${path}`);
}

describe('the checks of this file', () => {
  it('find links that lead nowhere', () => {
    const text =
      '# A title, here\n[a](#a-title-here) [b](#gone) [c](README.md#start) [d](gone.md) [e](https://x.example/)';
    expect(brokenLinks('README.md', text)).toEqual(['README.md: #gone', 'README.md: gone.md']);
  });

  it('find paths that are not there', () => {
    expect(missingPaths('a.md', '`src/main.ts` `src/gone.ts` `src/` `PUT …/src/a`')).toEqual(['a.md: src/gone.ts']);
  });
});

describe('the documents', () => {
  it('are found', () => {
    expect(DOCUMENTS.length).toBeGreaterThan(30);
  });

  it('have a README that is read to its end', () => {
    const { text = '' } = DOCUMENTS.find(({ name }) => name === 'README.md') ?? {};
    expect(text.split('\n').length - 1).toBeLessThanOrEqual(MAX_README_LINES);
  });

  it('have links that lead somewhere', () => {
    expect(DOCUMENTS.flatMap(({ name, text }) => brokenLinks(name, text))).toEqual([]);
  });

  it('name files that are there', () => {
    expect(DOCUMENTS.flatMap(({ name, text }) => missingPaths(name, text))).toEqual([]);
  });
});

describe('the decisions', () => {
  const folder = join(ROOT, 'docs/adr');
  const decisions = DOCUMENTS.filter(({ name }) => /^docs\/adr\/\d/.test(name)).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  );

  it('are numbered without a gap', () => {
    expect(decisions.map(({ name }) => Number(relative(folder, join(ROOT, name)).slice(0, 4)))).toEqual(
      decisions.map((_, index) => index + 1),
    );
  });

  it('each begin with their number, and are in the table of the folder by it', () => {
    const { text: index = '' } = DOCUMENTS.find(({ name }) => name === 'docs/adr/README.md') ?? {};
    const rows = Array.from(index.matchAll(/^\| \[(\d{4})\]\(([^)]+)\)/gm), ([, number, file]) => `${number} ${file}`);
    const files = decisions.map(({ name, text }) => `${/^# (\d{4}): /.exec(text)?.[1]} ${relative('docs/adr', name)}`);
    expect(rows).toEqual(files);
  });
});
