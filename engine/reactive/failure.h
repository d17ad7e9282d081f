// Failure: how an error leaves an action.
#pragma once

#include <exception>

#include "engine/base/error.h"

namespace yard::reactive {

// Thrown by reading what has failed, and by whatever an action wants to fail with. Who runs actions catches it, and
// it becomes the action's own error.
class Failure : public std::exception {
 public:
  explicit Failure(Error error) : error_(std::move(error)) {}
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] const char* what() const noexcept override { return error_.message.c_str(); }

 private:
  Error error_;
};

}  // namespace yard::reactive
