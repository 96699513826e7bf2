#!/bin/sh
# TensorFlow Serving's own image with the same directory of models, from the root of the checkout:
#
#     sh deploy/tensorflow_serving/run.sh
exec docker run --rm \
  --publish 127.0.0.1:8501:8501 --publish 127.0.0.1:8500:8500 \
  --volume "$PWD/saved_models:/models:ro" \
  --volume "$PWD/deploy/tensorflow_serving:/config:ro" \
  tensorflow/serving:2.20.0 \
  --model_config_file=/config/models.config \
  --enable_batching --batching_parameters_file=/config/batching_parameters.txt \
  --monitoring_config_file=/config/monitoring.config "$@"
