/* Stacks and switching between them, for block.c. */
#ifndef FIBER_H
#define FIBER_H

/* Saves where the running fiber is and goes on where another was. */
void fiber_switch(void **save, void *resume);

/*
 * Lets stack i, of 0 to MAX_BLOCK_THREADS, begin with a function, which must never return; gives what fiber_switch
 * resumes. Stack 0 is fiber_guard's: its body runs there.
 */
void *fiber_prepare(int i, void (*start)(void));

#endif
