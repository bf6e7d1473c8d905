// Exceptions stop here: the only try/catch of the FAISS library, as src/abi/guard.h is of the core.
#pragma once
#include <dc4j/faiss.h>
#include <faiss/impl/FaissException.h>

#include <new>
#include <stdexcept>
#include <string>

#include "core/error.h"

namespace dc4j {

void setFaissError(const std::string& text) noexcept;

/** What FAISS says, without its function names and files. */
std::string faissReason(const std::string& message);

template <typename Body>
dc4j_status faissGuard(const Body& body) noexcept {
  try {
    body();
    return DC4J_OK;
  } catch (const Error& error) {
    setFaissError(error.what());
    return error.status();
  } catch (const ::faiss::FaissException& error) {
    setFaissError("FAISS: " + faissReason(error.what()));
    return DC4J_INVALID_ARGUMENT;
  } catch (const std::bad_alloc&) {
    setFaissError("out of native memory");
    return DC4J_OUT_OF_MEMORY;
  } catch (const std::length_error&) {  // a vector larger than the address space
    setFaissError("out of native memory");
    return DC4J_OUT_OF_MEMORY;
  } catch (const std::exception& error) {
    setFaissError(error.what());
    return DC4J_INTERNAL;
  } catch (...) {
    setFaissError("unknown exception");
    return DC4J_INTERNAL;
  }
}

}  // namespace dc4j
