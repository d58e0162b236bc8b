// The query client of both TanStack Query peers: what is in the cache comes from the stream alone.

import { QueryClient, notifyManager } from "@tanstack/react-query";

// By default observers are told in a timeout. Frames come here once an animation frame already, and a timeout
// would miss the one they came in.
notifyManager.setScheduler((notify) => notify());

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Infinity,
      gcTime: Infinity,
      // What has not changed keeps its identity as frames are laid in. To find that out again by comparing
      // thousands of rows deeply is what the documentation says to switch off for large data.
      structuralSharing: false,
    },
  },
});
