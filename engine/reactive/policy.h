// Policy: what the graph asks and tells when more than values decides over a run.
#pragma once

#include "engine/reactive/node.h"

namespace yard::reactive {

// Never asked on the way of a node without a gate that runs once a wave.
class Policy {
 public:
  virtual ~Policy() = default;

  // An input of `id`, which is kGated, has changed: the policy holds it, or leaves it.
  virtual void triggered(NodeId id) = 0;

  // Whether computation `id` may run once more in this wave, which only happens on a cycle. If not, it is held.
  virtual bool may_repeat(NodeId id) = 0;

  // Whether effect `id` may run once more in this settle. If not, it is held.
  virtual bool may_repeat_effect(NodeId id) = 0;

  // Effect or handler `id` ran and failed.
  virtual void effect_failed(NodeId id) = 0;

  // Runs `id` by Graph::execute, and looks how it does. Only asked for what Graph::is_watched.
  virtual Outcome run_watched(NodeId id) = 0;

  // The place of `id` is free for another node.
  virtual void freed(NodeId id) = 0;

  // Whether nodes that depend on themselves fail. Otherwise they are run again and again.
  [[nodiscard]] virtual bool rejects_cycles() const = 0;
};

}  // namespace yard::reactive
