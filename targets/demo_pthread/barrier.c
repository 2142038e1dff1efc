// Expected: data-race; with -DFIXED ok.
//
// A barrier that is passed once a round where it takes two. Each thread reads its neighbour's cell and then, behind the
// barrier, writes its own; nothing keeps a fast thread's next read from a slow thread's write.
#include <pthread.h>
#include <stdio.h>

enum { kThreads = 2, kRounds = 2 };

static pthread_barrier_t barrier;
static int cells[kThreads] = {1, 2};

static void* step(void* cell) {
  const int me = (int)((int*)cell - cells);
  for (int round = 0; round < kRounds; round++) {
    const int sum = cells[me] + cells[(me + 1) % kThreads];
    pthread_barrier_wait(&barrier);
    cells[me] = sum;
#ifdef FIXED
    pthread_barrier_wait(&barrier);
#endif
  }
  return NULL;
}

int main(void) {
  pthread_t threads[kThreads];
  pthread_barrier_init(&barrier, NULL, kThreads);
  for (int i = 0; i < kThreads; i++) pthread_create(&threads[i], NULL, step, &cells[i]);
  for (int i = 0; i < kThreads; i++) pthread_join(threads[i], NULL);
  pthread_barrier_destroy(&barrier);
  printf("%d %d\n", cells[0], cells[1]);
  return 0;
}
