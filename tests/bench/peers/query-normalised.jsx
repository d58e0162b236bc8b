// TanStack Query, normalised: a query a row, and one with the view's order. A row that changes renders alone;
// the list renders where the order is another.

import { QueryClientProvider, hashKey, notifyManager, skipToken, useQuery } from "@tanstack/react-query";
import { memo } from "react";
import { List, Row, belongs, compare, isLive, show } from "./react.jsx";
import { queryClient } from "./query-client.js";

const ORDER = ["order"];
const keyOf = (id) => ["issue", id];

const Issue = memo(function Issue({ id }) {
  const { data } = useQuery({ queryKey: keyOf(id), queryFn: skipToken });
  return <Row row={data} />;
});

const renderIssue = ({ id }) => <Issue key={id} id={id} />;
const NONE = [];

function Issues() {
  const { data = NONE } = useQuery({ queryKey: ORDER, queryFn: skipToken });
  return <List items={data} renderItem={renderIssue} />;
}

// A row's place in the order: its id, and what else it is sorted by.
const placeOf = ({ id, updated_at }) => ({ id, updated_at });

const put = (row) => queryClient.setQueryData(keyOf(row.id), row);

function load(rows) {
  for (const row of rows) put(row);
  queryClient.setQueryData(ORDER, rows.filter(belongs).map(placeOf).sort(compare));
}

// Lays a change into its row; gives the row, or nothing where there is none.
function write({ id, patch, row }) {
  if (row) return put(row);
  if (patch) return queryClient.setQueryData(keyOf(id), (before) => before && { ...before, ...patch });
  // Not `removeQueries`, which looks through all queries there are.
  const cache = queryClient.getQueryCache();
  const query = cache.get(hashKey(keyOf(id)));
  if (query) cache.remove(query);
}

// A patch never moves a row that is sorted by its id.
const canMove = (change) => isLive || change.patch === undefined;

// What is kept is in order, so the sort has little to do.
function reorder(order, moved) {
  const kept = order.filter((place) => !moved.has(place.id));
  const coming = [...moved.values()].filter((row) => row && belongs(row)).map(placeOf);
  return kept.concat(coming).sort(compare);
}

function apply(changes) {
  const moved = new Map();
  for (const change of changes) {
    const row = write(change);
    if (canMove(change)) moved.set(change.id, row);
  }
  if (moved.size > 0) queryClient.setQueryData(ORDER, (order) => reorder(order, moved));
}

show(<QueryClientProvider client={queryClient}><Issues /></QueryClientProvider>, {
  load: (rows) => notifyManager.batch(() => load(rows)),
  apply: (changes) => notifyManager.batch(() => apply(changes)),
});
