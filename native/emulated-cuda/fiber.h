/* Stacks and switching between them, for block.c. */
#ifndef FIBER_H
#define FIBER_H

/* Saves where the running fiber is and goes on where another was. */
void fiber_switch(void **save, void *resume);

/* The stack of number i, of MAX_BLOCK_THREADS. Number 0 is fiber_guard's: its body runs there. */
void *fiber_stack(int i);

/* Lets a stack begin with a function, which must never return; gives what fiber_switch resumes. */
void *fiber_prepare(void *stack, void (*start)(void));

#endif
