// TanStack Query, plain: all rows are one query's data; the view is selected from it.

import { QueryClientProvider, skipToken, useQuery } from "@tanstack/react-query";
import { List, Row, belongs, compare, show } from "./react.jsx";
import { queryClient } from "./query-client.js";

const KEY = ["issues"];

// Outside the component: a selector that stays the same is called once a change of the data.
const select = (rows) => rows.filter(belongs).sort(compare);
const renderRow = (row) => <Row key={row.id} row={row} />;
const NONE = [];

function Issues() {
  const { data = NONE } = useQuery({ queryKey: KEY, queryFn: skipToken, select });
  return <List items={data} renderItem={renderRow} />;
}

function merge(rows, changes) {
  const byId = new Map(changes.map((change) => [change.id, change]));
  const merged = [];
  for (const row of rows) {
    const change = byId.get(row.id);
    if (change === undefined) {
      merged.push(row);
      continue;
    }
    byId.delete(row.id);
    if (change.patch) merged.push({ ...row, ...change.patch });
    else if (change.row) merged.push(change.row);
  }
  for (const change of byId.values()) {
    if (change.row) merged.push(change.row);
  }
  return merged;
}

show(<QueryClientProvider client={queryClient}><Issues /></QueryClientProvider>, {
  load: (rows) => queryClient.setQueryData(KEY, rows),
  apply: (changes) => queryClient.setQueryData(KEY, (rows) => merge(rows, changes)),
});
