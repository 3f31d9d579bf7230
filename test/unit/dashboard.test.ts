import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../functions/shared/runtime/log.ts';
import { dashboardBody, queryOf, WIDGETS } from '../../lib/dashboard.ts';

/** What is no field: commands, words and functions of Logs Insights that are used (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html). */
const WORDS =
  'SOURCE logGroups namePrefix class like filter fields parse stats sort limit as by and or in desc asc count sum max pct bin strcontains ispresent count_distinct datefloor'.split(
    ' ',
  );

/** Names in a query that it does not make itself; `@log` and the like are the service's own. */
const fieldsOf = (query: string): readonly string[] => {
  const made = [...query.matchAll(/\bas (\w+)|\?<(\w+)>/g)].map(([, alias, group]) => alias ?? group);
  const bare = query
    .replaceAll(/"[^"]*"/g, '')
    .replaceAll(/\/[^/]*\//g, '')
    .replaceAll(/@\w+|\b\d\w*/g, '');
  const named = [...bare.matchAll(/\b[A-Za-z_]\w*\b/g)].map(([name]) => name);
  return [...new Set(named)].filter((name) => !WORDS.includes(name) && !made.includes(name));
};

describe('each widget of the dashboard', () => {
  it.each(WIDGETS.map((widget) => [widget.title, queryOf(widget)]))(
    '%s asks for fields that lines have',
    (_, query) => {
      const known: readonly string[] = ['level', ...FIELDS];
      expect(fieldsOf(query).length).toBeGreaterThan(0);
      expect(fieldsOf(query).filter((name) => !known.includes(name))).toEqual([]);
    },
  );

  it('that names what no line has is found', () => {
    expect(fieldsOf('filter event = "send" | stats count(*) as n by outcom, phone')).toEqual([
      'event',
      'outcom',
      'phone',
    ]);
  });

  it('looks at the log groups of all clients, as the console writes that', () => {
    const { widgets } = dashboardBody('il-central-1');
    expect(widgets).toHaveLength(WIDGETS.length);
    for (const { properties } of widgets) {
      expect(properties.query).toMatch(/^SOURCE logGroups\(namePrefix: \["Ezw-"\], class: "STANDARD"\)\n\| filter /);
      expect(properties).toMatchObject({
        region: 'il-central-1',
        queryBy: 'logGroupPrefix',
        logGroupPrefixes: { logGroupPrefix: ['Ezw-'], logClass: 'STANDARD' },
      });
    }
    // Each has a place of its own.
    expect(new Set(widgets.map(({ x, y }) => `${x} ${y}`)).size).toBe(widgets.length);
  });

  it('has no row for what is well where what is not would be lost among 200 clients', () => {
    for (const event of ['"door"', '/^webhook$/']) {
      const about = WIDGETS.filter(({ filter }) => filter.includes(event));
      expect(about.map(({ filter }) => / and status >= 400$/.test(filter))).toEqual([true]);
    }
  });

  it('says by client and day what became of sends, how far they got, how long they took, and what waits and why', () => {
    const byClientAndDay = WIDGETS.filter((widget) => / by client, day\b/.test(queryOf(widget))).map(
      ({ title }) => title,
    );
    expect(byClientAndDay).toEqual([
      expect.stringMatching(/^Sends/),
      expect.stringMatching(/delivered, read/),
      expect.stringMatching(/^From event to phone/),
      expect.stringMatching(/^What waits and why/),
      expect.stringMatching(/^Refused/),
    ]);
  });

  it('over time groups by the time alone, and a table is sorted and cut', () => {
    for (const widget of WIDGETS) {
      const query = queryOf(widget);
      if (widget.view === 'timeSeries') expect(query).toMatch(/ by bin\(1h\)$/);
      else expect(query).toMatch(/\n\| sort \w+ desc\n\| limit 1000$/);
    }
  });
});
