# One object library per ISA tier from the same sources: <name>_generic, <name>_avx2, ...
set(DC4J_FLAGS_generic "")
set(DC4J_FLAGS_avx2 -mavx2 -mfma -mf16c -mbmi -mbmi2 -mtune=haswell)
set(DC4J_FLAGS_avx512 ${DC4J_FLAGS_avx2} -mavx512f -mavx512dq -mavx512bw -mavx512vl
  -mprefer-vector-width=512)
set(DC4J_FLAGS_vnni ${DC4J_FLAGS_avx512} -mavx512vnni)
set(DC4J_FLAGS_amx ${DC4J_FLAGS_vnni} -mamx-tile -mamx-int8)
set(DC4J_FLAGS_bf16 ${DC4J_FLAGS_vnni} -mavx512bf16)
set(DC4J_LANES_generic 4)
set(DC4J_LANES_avx2 8)
set(DC4J_LANES_avx512 16)
set(DC4J_LANES_vnni 16)
set(DC4J_LANES_amx 16)
set(DC4J_LANES_bf16 16)

function(dc4j_add_isa_tiers name sources)
  foreach(tier ${ARGN})
    add_library(${name}_${tier} OBJECT ${sources})
    target_include_directories(${name}_${tier} PRIVATE src include)
    target_compile_definitions(${name}_${tier} PRIVATE DC4J_TIER=${tier}
      DC4J_LANES=${DC4J_LANES_${tier}} DC4J_TIER_${tier}=1)
    # -Wno-psabi: wide vector types are passed by value inside one tier only.
    target_compile_options(${name}_${tier} PRIVATE ${DC4J_FLAGS_${tier}} -Wno-psabi
      -fno-math-errno -fno-trapping-math)
    dc4j_warnings(${name}_${tier})
  endforeach()
endfunction()
