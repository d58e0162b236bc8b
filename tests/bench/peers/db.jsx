// TanStack DB: a collection that the stream is written into, and a live query over it, kept up incrementally.

import { createCollection, eq, not, useLiveQuery } from "@tanstack/react-db";
import { List, Row, isLive, show } from "./react.jsx";

let stream;
const collection = createCollection({
  id: "issues",
  getKey: (row) => row.id,
  startSync: true,
  sync: {
    rowUpdateMode: "partial",
    sync: (given) => {
      stream = given;
    },
  },
});

// With a key the query's identity isn't derived anew at every render.
const VIEW = {
  queryKey: ["issues", isLive ? "live" : "id"],
  query: (q) => {
    const issues = q.from({ issue: collection });
    if (!isLive) return issues.orderBy(({ issue }) => issue.id);
    return issues
      .where(({ issue }) => not(eq(issue.status, "done")))
      .orderBy(({ issue }) => issue.updated_at, "desc")
      .orderBy(({ issue }) => issue.id);
  },
};

const renderRow = (row) => <Row key={row.id} row={row} />;

function Issues() {
  const { data } = useLiveQuery(VIEW);
  return <List items={data} renderItem={renderRow} />;
}

function load(rows) {
  stream.begin();
  for (const row of rows) stream.write({ type: "insert", value: row });
  stream.commit();
  stream.markReady();
}

function write({ id, patch, row }) {
  if (!collection.has(id)) {
    if (row) stream.write({ type: "insert", value: row });
  } else if (patch ?? row) {
    stream.write({ type: "update", key: id, value: patch ?? row });
  } else {
    stream.write({ type: "delete", key: id });
  }
}

// One transaction for all that came: the live query runs once.
function apply(changes) {
  stream.begin();
  for (const change of changes) write(change);
  stream.commit();
}

show(<Issues />, { load, apply });
