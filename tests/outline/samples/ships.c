typedef unsigned int u32;
typedef struct { int a; } pair_t;
typedef int (*cb)(void *);
static const int limit = 3;
struct ring { char *buf; int (*f)(int); };
int *make(int n);
char **argv_of(struct ring *r) { return 0; }
#define MAX(a,b) ((a)>(b))
#define N 3
int x, y = 2;
