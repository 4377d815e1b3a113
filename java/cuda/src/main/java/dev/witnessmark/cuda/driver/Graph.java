package dev.witnessmark.cuda.driver;

import java.util.List;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.JCudaDriver;

/**
 * Work that was recorded once and is launched as a whole. It refers to memory and modules but does
 * not own them: once one of them is closed, launching is refused.
 */
public final class Graph extends StreamUsed {

  private final String name;
  private final CUgraphExec handle;
  private final List<StreamUsed> uses;

  private Graph(Context context, String name, CUgraphExec handle, List<StreamUsed> uses) {
    super(context);
    this.name = name;
    this.handle = handle;
    this.uses = uses;
  }

  /** Makes {@code recorded}, which is destroyed in any case, ready for launching. */
  static Graph instantiate(Context context, String name, CUgraph recorded, List<StreamUsed> uses) {
    CUgraphExec handle = new CUgraphExec();
    int status = JCudaDriver.cuGraphInstantiate(handle, recorded, 0);
    int destroyed = JCudaDriver.cuGraphDestroy(recorded);
    context.check("cuGraphInstantiate", status, "graph " + name);
    context.check("cuGraphDestroy", destroyed, "graph " + name);
    return new Graph(context, name, handle, uses);
  }

  CUgraphExec handle() {
    return handle;
  }

  /** Memory and modules that the recorded work refers to. */
  List<StreamUsed> uses() {
    return uses;
  }

  @Override
  void free() {
    context().checkUnlessLost("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(handle), this);
  }

  @Override
  public String toString() {
    return "graph %s on cuda:%d".formatted(name, context().device().ordinal());
  }
}
