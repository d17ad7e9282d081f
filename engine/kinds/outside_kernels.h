// Where values leave a graph.
#pragma once

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

struct ChannelSettings {
  SettingsText channel;
};

template <typename T>
struct Leave {
  using Settings = ChannelSettings;
  void operator()(const Settings& settings, Outside& outside, T) const {
    outside.effect(settings.channel, Fetch<T>::kType);
  }
};

struct RequireSettings {
  SettingsText message;
  bool roll_back;
};

struct Require {
  using Settings = RequireSettings;
  void operator()(const Settings& settings, Outside& outside, bool holds) const {
    if (!holds) outside.breach(settings.message, settings.roll_back);
  }
};

}  // namespace yard::graph::kernels
