package dev.witnessmark.cuda;

import dev.witnessmark.cuda.driver.DeviceMemory;
import dev.witnessmark.cuda.driver.Graph;
import dev.witnessmark.kernels.operation.Replay;

/**
 * A captured graph with scratch memory of its own: that of the device may grow meanwhile.
 *
 * @param device where it runs
 */
record CudaReplay(CudaDevice device, Graph graph, DeviceMemory scratch) implements Replay {

  @Override
  public void run() {
    device.launch(graph);
  }

  @Override
  public void close() {
    graph.close();
    scratch.close();
  }
}
