import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LabelSelector, LabelSelectorError, labelSelectorError, parseLabelSelector } from './label-selector.js';

function parsed(text: string): LabelSelector {
  const selector = parseLabelSelector(text);
  if (selector instanceof LabelSelectorError) throw selector;
  return selector;
}

function matches(text: string, labels: Readonly<Record<string, string>>): boolean {
  return parsed(text).matches(new Map(Object.entries(labels)));
}

const POD = { app: 'payroll', tier: 'db', empty: '', 'app.kubernetes.io/name': 'postgresql', replicas: '3' };

describe('a label selector', () => {
  it.each([
    // equality
    ['app=payroll', true],
    ['app==payroll', true],
    ['app = payroll', true],
    ['\tapp\n==\rpayroll ', true],
    ['app=Payroll', false],
    ['app=web', false],
    ['app.kubernetes.io/name=postgresql', true],
    ['missing=payroll', false],
    ['empty=', true],
    ['empty==,app=payroll', true],
    ['app=', false],
    ['missing=', false],
    // inequality holds without the label
    ['app!=web', true],
    ['app!=payroll', false],
    ['missing!=payroll', true],
    ['missing!=', true],
    ['empty!=', false],
    // sets
    ['app in (payroll)', true],
    ['app in (web, payroll ,x)', true],
    ['app in(web,payroll)', true],
    ['app in (web)', false],
    ['missing in (web)', false],
    ['missing in ()', false],
    ['empty in ()', true],
    ['empty in (,)', true],
    ['empty in (a,)', true],
    ['empty in (,a)', true],
    ['empty in (a,,b)', true],
    ['empty in (a,b)', false],
    ['app notin (web)', true],
    ['app notin (web,payroll)', false],
    ['missing notin (web)', true],
    ['empty notin ()', false],
    ['app notin ()', true],
    // existence
    ['app', true],
    ['empty', true],
    ['missing', false],
    ['!missing', true],
    ['! missing', true],
    ['!app', false],
    // several requirements
    ['app=payroll,tier=db', true],
    ['app=payroll,tier=web', false],
    ['app in (web,payroll),tier notin (web,cache),!missing,app', true],
    ['app=payroll,app=web', false],
    // comparison
    ['replicas>2', true],
    ['replicas > 3', false],
    ['replicas<4', true],
    ['replicas<3', false],
    ['missing<4', false],
    ['app>1', false],
    // no requirement
    ['', true],
    [' \t', true],
  ])('%j: %p', (text, expected) => {
    expect(matches(text, POD)).toBe(expected);
  });

  it.each([
    ['in=notin', { in: 'notin' }],
    ['in in (in,notin)', { in: 'in' }],
    ['notin notin (in)', { notin: 'x' }],
    ['!in', {}],
    ['in', { in: '' }],
    ['a=in,b', { a: 'in', b: '' }],
  ])('reads the words in and notin as names where no operator can stand: %j', (text, labels) => {
    expect(matches(text, labels)).toBe(true);
  });

  it('compares integers of 64 bits exactly', () => {
    expect(matches('n>9223372036854775806', { n: '9223372036854775807' })).toBe(true);
    expect(matches('n<9223372036854775807', { n: '9223372036854775806' })).toBe(true);
    expect(matches('n>5', { n: '9223372036854775808' })).toBe(false);
    expect(matches('n>7', { n: '0008' })).toBe(true);
  });

  it.each([
    [',', 0, /found "," where a label key/],
    ['a,', 2, /found the end where a label key/],
    ['a,,b', 2, /found ","/],
    [',a', 0, /found ","/],
    ['=a', 0, /found "="/],
    ['a b', 2, /found "b" where an operator/],
    ['a=b c', 4, /found "c" where a "," or the end/],
    ['a=b=c', 3, /found "="/],
    ['a===b', 3, /found "=" where a label value/],
    ['a!==b', 3, /found "=" where a label value/],
    ['a=!b', 2, /found "!" where a label value/],
    ['a=(b)', 2, /found "\(" where a label value/],
    ['!', 1, /found the end where a label key after "!"/],
    ['!!a', 1, /found "!"/],
    ['!a=b', 2, /found "=" where a "," or the end/],
    ['a in', 4, /found the end where a "\("/],
    ['a in b', 5, /found "b" where a "\("/],
    ['a in (b', 7, /found the end where a "," or a "\)"/],
    ['a in (b c)', 8, /found "c" where a "," or a "\)"/],
    ['a in (b))', 8, /found "\)"/],
    ['a in (b=c)', 7, /found "="/],
    ['a IN (b)', 2, /found "IN" where an operator/],
    ['a)', 1, /found "\)"/],
    ['a>', 2, /compares with an integer/],
    ['a>b', 2, /compares with an integer/],
    ['a>1.5', 2, /compares with an integer/],
    ['a<9223372036854775808', 2, /compares with an integer/],
    ['-a', 0, /label key must begin/],
    ['a_', 0, /label key must begin/],
    ['ä=b', 0, /label key must begin/],
    ['a b\0', 2, /found "b\0"/],
    [`${'a'.repeat(64)}=b`, 0, /name of more than 63/],
    [`${'a'.repeat(254)}/b`, 0, /prefix of more than 253/],
    ['/a', 0, /prefix that is no lower-case DNS subdomain/],
    ['A.io/a', 0, /prefix that is no lower-case DNS subdomain/],
    ['a..io/a', 0, /prefix that is no lower-case DNS subdomain/],
    ['a/', 0, /label key must begin/],
    ['a/b/c', 0, /label key must begin/],
    ['x,a=-b', 4, /label value must begin/],
    [`a=${'b'.repeat(64)}`, 2, /label value has more than 63/],
    ['a in (b,-)', 8, /label value must begin/],
  ])('refuses %j at %p', (text, position, reason) => {
    const error = parseLabelSelector(text);
    expect(error).toBeInstanceOf(LabelSelectorError);
    expect(error).toMatchObject({ position, reason: expect.stringMatching(reason) });
  });

  it('says what is wrong in one sentence', () => {
    expect(labelSelectorError('a,')).toBe(
      'must be a Kubernetes label selector: found the end where a label key or "!" is expected, at offset 2',
    );
    expect(labelSelectorError('a')).toBeUndefined();
  });

  const word = fc.stringMatching(/^[A-Za-z0-9]([-A-Za-z0-9_.]{0,8}[A-Za-z0-9])?$/);
  const key = fc.oneof(
    word,
    fc.tuple(fc.stringMatching(/^[a-z0-9]{1,5}(\.[a-z0-9]{1,3})?$/), word).map((p) => p.join('/')),
  );
  const value = fc.oneof(fc.constant(''), word);
  const requirement = fc.oneof(
    fc.record({ key, operator: fc.constantFrom('=', '==', '!='), values: fc.tuple(value) }),
    fc.record({
      key,
      operator: fc.constantFrom('in', 'notin'),
      values: fc.array(value, { minLength: 1, maxLength: 4 }),
    }),
    fc.record({ key, operator: fc.constantFrom('exists', '!'), values: fc.constant([]) }),
  );
  type Requirement = (typeof requirement)['generate'] extends (...args: never[]) => { value: infer R } ? R : never;
  const blank = fc.stringMatching(/^[ \t\r\n]{0,2}$/);

  function print({ key: name, operator, values }: Requirement, gap: string): string {
    if (operator === 'exists') return `${gap}${name}${gap}`;
    if (operator === '!') return `${gap}!${gap}${name}`;
    if (operator === 'in' || operator === 'notin') return `${name} ${operator}${gap}(${values.join(`,${gap}`)}${gap})`;
    return `${name}${gap}${operator}${gap}${values.join('')}${gap}`;
  }

  function holds({ key: name, operator, values }: Requirement, labels: Readonly<Record<string, string>>): boolean {
    const has = Object.hasOwn(labels, name);
    const isAmong = has && (values as string[]).includes(labels[name] ?? '');
    if (operator === 'exists') return has;
    if (operator === '!') return !has;
    return operator === '!=' || operator === 'notin' ? !isAmong : isAmong;
  }

  it('matches as its requirements say, however it is spaced', () => {
    fc.assert(
      fc.property(
        fc.array(requirement, { minLength: 1, maxLength: 4 }),
        fc.dictionary(key, value),
        blank,
        fc.nat(),
        (requirements, other, gap, seed) => {
          // Labels that have something to do with the requirements, besides those that have not.
          const labels = { ...other };
          requirements.forEach(({ key: name, values }, index) => {
            if ((seed >> index) % 2 === 0) labels[name] = values[0] ?? 'some';
          });
          const text = requirements.map((each) => print(each, gap)).join(',');
          expect(matches(text, labels)).toBe(requirements.every((each) => holds(each, labels)));
        },
      ),
    );
  });

  it('is parsed or refused, whatever the text', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', 'b', '=', '!', '(', ')', '<', '>', ',', '-', ' ', '/', 'in') }),
    );
    fc.assert(
      fc.property(text, (any) => {
        const selector = parseLabelSelector(any);
        if (selector instanceof LabelSelector) return;
        expect(selector.position).toBeGreaterThanOrEqual(0);
        expect(selector.position).toBeLessThanOrEqual(any.length);
      }),
    );
  });
});
